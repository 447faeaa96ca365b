using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Stochastic gradient descent. With d = g + λx: without momentum x ← x − αd; with momentum b ← μb + (1 − τ)d and x ← x − αb, or
/// x ← x − α(d + μb) in Nesterov's form (Sutskever et al., 2013, as rewritten to look ahead from x itself). b starts as the first d, undampened.
/// </summary>
/// <param name="Rate">α.</param>
/// <param name="Momentum">μ; 0 needs no state.</param>
/// <param name="Nesterov">Look ahead.</param>
/// <param name="WeightDecay">λ.</param>
/// <param name="Dampening">τ.</param>
public readonly record struct SgdRule(double Rate, double Momentum = 0, bool Nesterov = false, double WeightDecay = 0, double Dampening = 0) : IUpdateRule<SgdRule>
{
    static string IUpdateRule<SgdRule>.Name => "Sgd";

    int IUpdateRule<SgdRule>.Operands => Momentum == 0 ? 2 : 3;

    SgdRule IUpdateRule<SgdRule>.Kind => new(1, Momentum == 0 ? 0 : 1, Momentum != 0 && Nesterov, WeightDecay == 0 ? 0 : 1, Momentum == 0 || Dampening == 0 ? 0 : 1);

    void IUpdateRule<SgdRule>.GetNumbers(long step, Span<double> numbers)
        => (numbers[0], numbers[1], numbers[2], numbers[3]) = (-Rate, WeightDecay, Momentum, step == 1 ? 1 : 1 - Dampening);

    void IUpdateRule<SgdRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor)
    {
        if (Momentum == 0) visitor.Visit(new Plain<T, V, S>(this, numbers));
        else visitor.Visit(new WithMomentum<T, V, S>(this, numbers));
    }

    private readonly struct Plain<T, V, S>(in SgdRule rule, in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _minusRate = numbers[0], _decay = numbers[1];
        private readonly bool _decays = rule.WeightDecay != 0;

        public static int Operands => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
        {
            if (_decays) g = S.MultiplyAdd(_decay, x, g);
            x = S.MultiplyAdd(_minusRate, g, x);
        }
    }

    private readonly struct WithMomentum<T, V, S>(in SgdRule rule, in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _minusRate = numbers[0], _decay = numbers[1], _momentum = numbers[2], _share = numbers[3];
        private readonly bool _decays = rule.WeightDecay != 0, _nesterov = rule.Nesterov, _dampens = rule.Dampening != 0;

        public static int Operands => 3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
        {
            if (_decays) g = S.MultiplyAdd(_decay, x, g);
            first = S.MultiplyAdd(_momentum, first, _dampens ? S.Multiply(_share, g) : g);
            x = S.MultiplyAdd(_minusRate, _nesterov ? S.MultiplyAdd(_momentum, first, g) : first, x);
        }
    }
}
