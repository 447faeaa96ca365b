using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>x ← x − αru: a step along u whose length a <see cref="TrustRatio"/> r decides.</summary>
/// <param name="Rate">α.</param>
internal readonly record struct TrustedStepRule(double Rate) : IUpdateRule<TrustedStepRule>
{
    public static string Name => "Lamb";

    public int Operands => 2;

    public TrustedStepRule Kind => default;

    public void GetNumbers(long step, Span<double> numbers) => (numbers[0], numbers[UpdateFormula.TrustNumber]) = (-Rate, 1);

    void IUpdateRule<TrustedStepRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(numbers));

    private readonly struct Update<T, V, S>(in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _step = S.Multiply(numbers[0], numbers[UpdateFormula.TrustNumber]);

        public static int Operands => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third) => x = S.MultiplyAdd(_step, g, x);
    }
}
