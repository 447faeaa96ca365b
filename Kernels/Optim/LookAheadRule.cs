using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The second half of a step of Nesterov's momentum (1983; Sutskever et al., 2013) for parameters that stand at y = x + μv, where their gradient g was taken:
/// with d = g + λy, v ← μv − αd and y ← y − αd, which is x + v.
/// </summary>
/// <param name="Rate">α.</param>
/// <param name="Momentum">μ.</param>
/// <param name="WeightDecay">λ.</param>
public readonly record struct LookAheadRule(double Rate, double Momentum, double WeightDecay = 0) : IUpdateRule<LookAheadRule>
{
    static string IUpdateRule<LookAheadRule>.Name => "Nesterov";

    int IUpdateRule<LookAheadRule>.Operands => 3;

    LookAheadRule IUpdateRule<LookAheadRule>.Kind => new(1, 0, WeightDecay == 0 ? 0 : 1);

    void IUpdateRule<LookAheadRule>.GetNumbers(long step, Span<double> numbers) => (numbers[0], numbers[1], numbers[2]) = (-Rate, Momentum, WeightDecay);

    void IUpdateRule<LookAheadRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(this, numbers));

    private readonly struct Update<T, V, S>(in LookAheadRule rule, in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _minusRate = numbers[0], _momentum = numbers[1], _decay = numbers[2];
        private readonly bool _decays = rule.WeightDecay != 0;

        public static int Operands => 3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
        {
            if (_decays) g = S.MultiplyAdd(_decay, x, g);
            V step = S.Multiply(_minusRate, g);
            first = S.MultiplyAdd(_momentum, first, step);
            x = S.Add(x, step);
        }
    }
}
