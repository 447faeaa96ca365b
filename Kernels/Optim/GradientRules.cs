using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>x ← factor · x.</summary>
internal readonly record struct ScaleRule(double Factor) : IUpdateRule<ScaleRule>
{
    public static string Name => "Scale";
    public int Operands => 1;
    public ScaleRule Kind => default;
    public void GetNumbers(long step, Span<double> numbers) => numbers[0] = Factor;

    void IUpdateRule<ScaleRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(numbers));

    private readonly struct Update<T, V, S>(in InlineArray8<V> numbers) : IElementUpdate<V> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _factor = numbers[0];

        public static int Operands => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third) => x = S.Multiply(_factor, x);
    }
}

/// <summary>x ← min(max(x, −limit), limit).</summary>
internal readonly record struct ClampRule(double Limit) : IUpdateRule<ClampRule>
{
    public static string Name => "Clamp";
    public int Operands => 1;
    public ClampRule Kind => default;
    public void GetNumbers(long step, Span<double> numbers) => (numbers[0], numbers[1]) = (-Limit, Limit);

    void IUpdateRule<ClampRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(numbers));

    private readonly struct Update<T, V, S>(in InlineArray8<V> numbers) : IElementUpdate<V> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _low = numbers[0], _high = numbers[1];

        public static int Operands => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third) => x = S.Clamp(x, _low, _high);
    }
}

/// <summary>x ← sign(x) · max(|x| − threshold, 0).</summary>
internal readonly record struct ShrinkRule(double Threshold) : IUpdateRule<ShrinkRule>
{
    public static string Name => "Shrink";
    public int Operands => 1;
    public ShrinkRule Kind => default;
    public void GetNumbers(long step, Span<double> numbers) => numbers[0] = Threshold;

    void IUpdateRule<ShrinkRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(numbers));

    private readonly struct Update<T, V, S>(in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _threshold = numbers[0], _zero = S.Constant(0);

        public static int Operands => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
            => x = S.Multiply(VectorMath.Sign<T, V, S>(x), S.Max(S.Subtract(S.Abs(x), _threshold), _zero));
    }
}

/// <summary>A gradient in x's place, the parameter in g's: x ← x + l1 · sign(g) + l2 · g.</summary>
internal readonly record struct PenaltyRule(double L1, double L2) : IUpdateRule<PenaltyRule>
{
    public static string Name => "AddPenalty";
    public int Operands => 2;
    public PenaltyRule Kind => default;
    public void GetNumbers(long step, Span<double> numbers) => (numbers[0], numbers[1]) = (L1, L2);

    void IUpdateRule<PenaltyRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(numbers));

    private readonly struct Update<T, V, S>(in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _l1 = numbers[0], _l2 = numbers[1];

        public static int Operands => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
            => x = S.MultiplyAdd(_l1, VectorMath.Sign<T, V, S>(g), S.MultiplyAdd(_l2, g, x));
    }
}

/// <summary>x ← x + share · (g − x).</summary>
internal readonly record struct ApproachRule(double Share) : IUpdateRule<ApproachRule>
{
    public static string Name => "Approach";
    public int Operands => 2;
    public ApproachRule Kind => default;
    public void GetNumbers(long step, Span<double> numbers) => numbers[0] = Share;

    void IUpdateRule<ApproachRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(numbers));

    private readonly struct Update<T, V, S>(in InlineArray8<V> numbers) : IElementUpdate<V> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _share = numbers[0];

        public static int Operands => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third) => x = S.MultiplyAdd(_share, S.Subtract(g, x), x);
    }
}
