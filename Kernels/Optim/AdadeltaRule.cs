using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// AdaDelta (Zeiler, 2012): with d = g + λx, v ← ρv + (1 − ρ)d², s = √(u + ε)/√(v + ε) · d, u ← ρu + (1 − ρ)s² and x ← x − αs. Steps have the
/// parameter's own unit, so a rate of 1 is the method as published.
/// </summary>
/// <param name="Rate">α.</param>
/// <param name="Rho">ρ, with which the means forget.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="WeightDecay">λ.</param>
public readonly record struct AdadeltaRule(double Rate, double Rho, double Epsilon, double WeightDecay = 0) : IUpdateRule<AdadeltaRule>
{
    static string IUpdateRule<AdadeltaRule>.Name => "Adadelta";

    int IUpdateRule<AdadeltaRule>.Operands => 4;

    AdadeltaRule IUpdateRule<AdadeltaRule>.Kind => new(1, 0, 0, WeightDecay == 0 ? 0 : 1);

    void IUpdateRule<AdadeltaRule>.GetNumbers(long step, Span<double> numbers)
        => (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]) = (-Rate, Rho, 1 - Rho, Epsilon, WeightDecay);

    void IUpdateRule<AdadeltaRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(this, numbers));

    private readonly struct Update<T, V, S>(in AdadeltaRule rule, in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _minusRate = numbers[0], _rho = numbers[1], _toMean = numbers[2], _epsilon = numbers[3], _decay = numbers[4];
        private readonly bool _decays = rule.WeightDecay != 0;

        public static int Operands => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
        {
            if (_decays) g = S.MultiplyAdd(_decay, x, g);
            first = S.MultiplyAdd(S.Multiply(_toMean, g), g, S.Multiply(_rho, first));
            V step = S.Multiply(S.Divide(S.Sqrt(S.Add(second, _epsilon)), S.Sqrt(S.Add(first, _epsilon))), g);
            second = S.MultiplyAdd(S.Multiply(_toMean, step), step, S.Multiply(_rho, second));
            x = S.MultiplyAdd(_minusRate, step, x);
        }
    }
}
