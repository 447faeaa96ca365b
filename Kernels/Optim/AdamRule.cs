using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Adam (Kingma and Ba, 2015): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², x ← x − α/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε).
/// Weight decay λ is either part of the gradient, g + λx, or decoupled (AdamW, Loshchilov and Hutter, 2019): x ← (1 − αλ)x first.
/// AMSGrad (Reddi et al., 2018) divides by the root of the largest v so far, w ← max(w, v).
/// </summary>
/// <param name="Rate">α.</param>
/// <param name="Beta1">β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="WeightDecay">λ.</param>
/// <param name="Decoupled">AdamW's decay.</param>
/// <param name="AmsGrad">Keep w, the third state.</param>
/// <param name="BiasCorrection">Without it, 1 − β₁ᵗ and 1 − β₂ᵗ are 1: m and v, which start at 0, are too small at first.</param>
public readonly record struct AdamRule(
    double Rate, double Beta1, double Beta2, double Epsilon, double WeightDecay = 0, bool Decoupled = false, bool AmsGrad = false, bool BiasCorrection = true) : IUpdateRule<AdamRule>
{
    static string IUpdateRule<AdamRule>.Name => "Adam";

    int IUpdateRule<AdamRule>.Operands => AmsGrad ? 5 : 4;

    AdamRule IUpdateRule<AdamRule>.Kind => new(1, 0, 0, 0, WeightDecay == 0 ? 0 : 1, WeightDecay != 0 && Decoupled, AmsGrad);

    void IUpdateRule<AdamRule>.GetNumbers(long step, Span<double> numbers)
    {
        (numbers[0], numbers[1], numbers[2]) = (1 - Beta1, Beta2, 1 - Beta2);
        numbers[3] = BiasCorrection ? -Rate / (1 - Math.Pow(Beta1, step)) : -Rate;
        numbers[4] = BiasCorrection ? 1 / Math.Sqrt(1 - Math.Pow(Beta2, step)) : 1;
        (numbers[5], numbers[6]) = (Epsilon, Decoupled ? 1 - Rate * WeightDecay : WeightDecay);
    }

    void IUpdateRule<AdamRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor)
    {
        if (AmsGrad) visitor.Visit(new Update<T, V, S, ThreeStates>(this, numbers));
        else visitor.Visit(new Update<T, V, S, TwoStates>(this, numbers));
    }

    private readonly struct Update<T, V, S, TStates>(in AdamRule rule, in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged where V : struct where S : struct, ISimd<T, V> where TStates : IStateCount
    {
        private readonly V _toMean = numbers[0], _beta2 = numbers[1], _toSquare = numbers[2], _minusStep = numbers[3], _rootScale = numbers[4], _epsilon = numbers[5], _decay = numbers[6];
        private readonly bool _decays = rule.WeightDecay != 0, _decoupled = rule.Decoupled;

        public static int Operands => 2 + TStates.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
        {
            if (_decays)
            {
                if (_decoupled) x = S.Multiply(_decay, x);
                else g = S.MultiplyAdd(_decay, x, g);
            }

            first = S.MultiplyAdd(_toMean, S.Subtract(g, first), first);
            second = S.MultiplyAdd(S.Multiply(_toSquare, g), g, S.Multiply(_beta2, second));
            if (TStates.Count > 2) third = S.Max(third, second);
            V root = S.MultiplyAdd(_rootScale, S.Sqrt(TStates.Count > 2 ? third : second), _epsilon);
            x = S.MultiplyAdd(_minusStep, S.Divide(first, root), x);
        }
    }
}
