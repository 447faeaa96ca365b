using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The direction of LAMB (You et al., 2020): m and v as in <see cref="AdamRule"/> and u = m/(1 − β₁ᵗ) / (√v/√(1 − β₂ᵗ) + ε) + λx. The third state receives u;
/// x stays, and moves by −αru afterwards with a <see cref="TrustRatio"/> r of each tensor's own.
/// </summary>
/// <param name="Beta1">β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="WeightDecay">λ.</param>
public readonly record struct LambRule(double Beta1, double Beta2, double Epsilon, double WeightDecay = 0) : IUpdateRule<LambRule>
{
    static string IUpdateRule<LambRule>.Name => "Lamb";

    int IUpdateRule<LambRule>.Operands => 5;

    LambRule IUpdateRule<LambRule>.Kind => default;

    void IUpdateRule<LambRule>.GetNumbers(long step, Span<double> numbers)
    {
        (numbers[0], numbers[1], numbers[2]) = (1 - Beta1, Beta2, 1 - Beta2);
        (numbers[3], numbers[4]) = (1 / (1 - Math.Pow(Beta1, step)), 1 / Math.Sqrt(1 - Math.Pow(Beta2, step)));
        (numbers[5], numbers[6]) = (Epsilon, WeightDecay);
    }

    void IUpdateRule<LambRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(numbers));

    private readonly struct Update<T, V, S>(in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _toMean = numbers[0], _beta2 = numbers[1], _toSquare = numbers[2], _meanScale = numbers[3], _rootScale = numbers[4], _epsilon = numbers[5], _decay = numbers[6];

        public static int Operands => 5;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
        {
            first = S.MultiplyAdd(_toMean, S.Subtract(g, first), first);
            second = S.MultiplyAdd(S.Multiply(_toSquare, g), g, S.Multiply(_beta2, second));
            V root = S.MultiplyAdd(_rootScale, S.Sqrt(second), _epsilon);
            third = S.MultiplyAdd(_decay, x, S.Divide(S.Multiply(_meanScale, first), root));
        }
    }
}
