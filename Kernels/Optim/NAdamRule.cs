using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// NAdam (Dozat, 2016): Adam whose momentum looks ahead. With m and v as in <see cref="AdamRule"/>, μₜ = β₁(1 − ½ · 0.96^(ψt)) and Π = μ₁ ⋯ μₜ,
/// x ← x − α · ((1 − μₜ)/(1 − Π) · g + μₜ₊₁/(1 − Πμₜ₊₁) · m) / (√v/√(1 − β₂ᵗ) + ε).
/// </summary>
/// <param name="Rate">α.</param>
/// <param name="Momentum">μₜ, of β₁ and ψ.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="WeightDecay">λ.</param>
/// <param name="Decoupled">The decay is AdamW's.</param>
public readonly record struct NAdamRule(double Rate, NAdamMomentum Momentum, double Beta2, double Epsilon, double WeightDecay = 0, bool Decoupled = false) : IUpdateRule<NAdamRule>
{
    private static readonly NAdamMomentum _any = new(0, 0);

    static string IUpdateRule<NAdamRule>.Name => "NAdam";

    int IUpdateRule<NAdamRule>.Operands => 4;

    NAdamRule IUpdateRule<NAdamRule>.Kind => new(1, _any, 0, 0, WeightDecay == 0 ? 0 : 1, WeightDecay != 0 && Decoupled);

    void IUpdateRule<NAdamRule>.GetNumbers(long step, Span<double> numbers)
    {
        double product = Momentum.Product(step), next = Momentum.At(step + 1);
        (numbers[0], numbers[1], numbers[2]) = (1 - Momentum.Beta1, Beta2, 1 - Beta2);
        numbers[3] = -Rate * (1 - Momentum.At(step)) / (1 - product);
        numbers[4] = -Rate * next / (1 - product * next);
        (numbers[5], numbers[6]) = (1 / Math.Sqrt(1 - Math.Pow(Beta2, step)), Epsilon);
        numbers[7] = Decoupled ? 1 - Rate * WeightDecay : WeightDecay;
    }

    void IUpdateRule<NAdamRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(this, numbers));

    private readonly struct Update<T, V, S>(in NAdamRule rule, in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _toMean = numbers[0], _beta2 = numbers[1], _toSquare = numbers[2], _ofGradient = numbers[3], _ofMean = numbers[4],
            _rootScale = numbers[5], _epsilon = numbers[6], _decay = numbers[7];
        private readonly bool _decays = rule.WeightDecay != 0, _decoupled = rule.Decoupled;

        public static int Operands => 4;

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
            V root = S.MultiplyAdd(_rootScale, S.Sqrt(second), _epsilon);
            x = S.Add(x, S.Divide(S.MultiplyAdd(_ofMean, first, S.Multiply(_ofGradient, g)), root));
        }
    }
}
