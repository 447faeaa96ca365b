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
public readonly record struct AdamRule(double Rate, double Beta1, double Beta2, double Epsilon, double WeightDecay = 0, bool Decoupled = false) : IUpdateRule<AdamRule>
{
    void IPieceWork.Run<T, V, S>(in Piece piece, long from, long n, int block)
        => UpdateLoop<T, V, S>.Run(new Update<T, V, S>(this, UpdateFormula.Numbers<AdamRule, T, V, S>(this, piece)), piece, from, n);

    int IUpdateRule<AdamRule>.Operands => 4;

    AdamRule IUpdateRule<AdamRule>.Kind => new(1, 0, 0, 0, WeightDecay == 0 ? 0 : 1, WeightDecay != 0 && Decoupled);

    void IUpdateRule<AdamRule>.GetNumbers(in Piece piece, Span<double> numbers)
    {
        (numbers[0], numbers[1], numbers[2]) = (1 - Beta1, Beta2, 1 - Beta2);
        (numbers[3], numbers[4], numbers[5]) = (-piece.StepSize, piece.RootScale, Epsilon);
        numbers[6] = Decoupled ? 1 - Rate * WeightDecay : WeightDecay;
    }

    string IUpdateRule<AdamRule>.Write<T>()
    {
        AdamRule rule = this;
        return UpdateFormula.Write<Update<T, Symbol, SymbolicSimd<T>>>(numbers => new(rule, numbers));
    }

    private readonly struct Update<T, V, S>(in AdamRule rule, in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _toMean = numbers[0], _beta2 = numbers[1], _toSquare = numbers[2], _minusStep = numbers[3], _rootScale = numbers[4], _epsilon = numbers[5], _decay = numbers[6];
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
