using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Adam (Kingma and Ba, 2015): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², x ← x − α/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε).
/// Weight decay λ is either part of the gradient, g + λx, or decoupled (AdamW, Loshchilov and Hutter, 2019): x ← (1 − αλ)x first.
/// </summary>
/// <param name="Rate">α.</param>
/// <param name="Beta1">β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="WeightDecay">λ.</param>
/// <param name="Decoupled">AdamW's decay.</param>
public readonly record struct AdamRule(double Rate, double Beta1, double Beta2, double Epsilon, double WeightDecay = 0, bool Decoupled = false) : IPieceWork
{
    void IPieceWork.Run<T, V, S>(in Piece piece, long from, long n, int block)
        => UpdateLoop<T, V, S>.Run(new Update<T, V, S>(this, piece), piece, from, n);

    private readonly struct Update<T, V, S>(in AdamRule rule, in Piece piece) : IElementUpdate<V>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _toMean = S.Constant(1 - rule.Beta1), _beta2 = S.Constant(rule.Beta2), _toSquare = S.Constant(1 - rule.Beta2);
        private readonly V _minusStep = S.Constant(-piece.StepSize), _rootScale = S.Constant(piece.RootScale), _epsilon = S.Constant(rule.Epsilon);
        private readonly V _decay = S.Constant(rule.Decoupled ? 1 - rule.Rate * rule.WeightDecay : rule.WeightDecay);
        private readonly bool _decays = rule.WeightDecay != 0, _decoupled = rule.Decoupled;

        public static int Operands => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second)
        {
            if (_decays)
            {
                if (_decoupled) x = S.Multiply(_decay, x);
                else g = S.MultiplyAdd(_decay, x, g);
            }

            first = S.MultiplyAdd(_toMean, S.Subtract(g, first), first);
            second = S.MultiplyAdd(S.Multiply(_toSquare, g), g, S.Multiply(_beta2, second));
            V root = S.MultiplyAdd(_rootScale, S.Sqrt(second), _epsilon);
            x = S.MultiplyAdd(_minusStep, S.Divide(first, root), x);
        }
    }
}
