using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>LARS (You, Gitman and Ginsburg, 2017): b ← μb + αr(g + λx), x ← x − b, with a <see cref="TrustRatio"/> r of each tensor's own.</summary>
/// <param name="Rate">α.</param>
/// <param name="Momentum">μ.</param>
/// <param name="WeightDecay">λ.</param>
public readonly record struct LarsRule(double Rate, double Momentum, double WeightDecay = 0) : IUpdateRule<LarsRule>
{
    static string IUpdateRule<LarsRule>.Name => "Lars";

    int IUpdateRule<LarsRule>.Operands => 3;

    LarsRule IUpdateRule<LarsRule>.Kind => new(1, 0);

    void IUpdateRule<LarsRule>.GetNumbers(long step, Span<double> numbers) => (numbers[0], numbers[1], numbers[2], numbers[UpdateFormula.TrustNumber]) = (Rate, Momentum, WeightDecay, 1);

    void IUpdateRule<LarsRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(numbers));

    private readonly struct Update<T, V, S>(in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _step = S.Multiply(numbers[0], numbers[UpdateFormula.TrustNumber]), _momentum = numbers[1], _decay = numbers[2];

        public static int Operands => 3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
        {
            first = S.MultiplyAdd(_momentum, first, S.Multiply(_step, S.MultiplyAdd(_decay, x, g)));
            x = S.Subtract(x, first);
        }
    }
}
