using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Lion (Chen et al., 2023): x ← (1 − αλ)x − α · sign(β₁m + (1 − β₁)g), then m ← β₂m + (1 − β₂)g. Every element moves by α; one state.
/// </summary>
/// <param name="Rate">α.</param>
/// <param name="Beta1">β₁, of the direction.</param>
/// <param name="Beta2">β₂, with which m forgets.</param>
/// <param name="WeightDecay">λ.</param>
public readonly record struct LionRule(double Rate, double Beta1, double Beta2, double WeightDecay = 0) : IUpdateRule<LionRule>
{
    static string IUpdateRule<LionRule>.Name => "Lion";

    int IUpdateRule<LionRule>.Operands => 3;

    LionRule IUpdateRule<LionRule>.Kind => new(1, 0, 0);

    void IUpdateRule<LionRule>.GetNumbers(long step, Span<double> numbers)
        => (numbers[0], numbers[1], numbers[2], numbers[3]) = (-Rate, 1 - Beta1, 1 - Beta2, 1 - Rate * WeightDecay);

    void IUpdateRule<LionRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(numbers));

    private readonly struct Update<T, V, S>(in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _minusRate = numbers[0], _toDirection = numbers[1], _toMean = numbers[2], _shrink = numbers[3];

        public static int Operands => 3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
        {
            V change = S.Subtract(g, first);
            V direction = VectorMath.Sign<T, V, S>(S.MultiplyAdd(_toDirection, change, first));
            x = S.MultiplyAdd(_minusRate, direction, S.Multiply(_shrink, x));
            first = S.MultiplyAdd(_toMean, change, first);
        }
    }
}
