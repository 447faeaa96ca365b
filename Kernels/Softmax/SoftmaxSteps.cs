using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>s0 = max a. A NaN is passed over: it comes back in the sum of exponentials.</summary>
internal readonly struct MaximumStep : ILaneStep
{
    public static double Neutral => double.NegativeInfinity;

    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        s0 = Merge<T, V, S>(s0, a);
        return a;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Merge<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Select(S.Less(a, b), b, a);
}

/// <summary>y = eᵃ⁻ᶜ⁰, s0 = Σ y, s1 = Σ (a − c0).</summary>
internal readonly struct ExponentialStep<TStore> : ILaneStep where TStore : struct, IStore
{
    public static bool Writes => TStore.Stores;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V d = S.Subtract(a, c.C0), e = VectorMath.Exp<T, V, S>(d);
        s0 = S.Add(s0, e);
        s1 = S.Add(s1, d);
        return e;
    }
}

/// <summary>Whether a step's result is stored.</summary>
internal interface IStore
{
    static abstract bool Stores { get; }
}

internal readonly struct Stored : IStore
{
    public static bool Stores => true;
}

internal readonly struct NotStored : IStore
{
    public static bool Stores => false;
}

/// <summary>y = a · c0.</summary>
internal readonly struct ScaleStep : ILaneStep
{
    public static bool Writes => true;
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Multiply(a, c.C0);
}

/// <summary>y = (a − c0) − c1.</summary>
internal readonly struct ShiftStep : ILaneStep
{
    public static bool Writes => true;
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Subtract(S.Subtract(a, c.C0), c.C1);
}

/// <summary>s0 = Σ a · b.</summary>
internal readonly struct DotStep : ILaneStep
{
    public static bool ReadsSecond => true;

    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        s0 = S.MultiplyAdd(a, b, s0);
        return a;
    }
}

/// <summary>s0 = Σ a.</summary>
internal readonly struct SumStep : ILaneStep
{
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        s0 = S.Add(s0, a);
        return a;
    }
}

/// <summary>y = b · (a − c0): the backward pass of softmax.</summary>
internal readonly struct CenterAndScaleStep : ILaneStep
{
    public static bool ReadsSecond => true;
    public static bool Writes => true;
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Multiply(b, S.Subtract(a, c.C0));
}

/// <summary>y = a − eᵇ · c0: the backward pass of log-softmax.</summary>
internal readonly struct SubtractExponentialStep : ILaneStep
{
    public static bool ReadsSecond => true;
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Subtract(a, S.Multiply(VectorMath.Exp<T, V, S>(b), c.C0));
}

/// <summary>y = e^((a − c0) − c1) · c2 − c3, and 0 where c2 = 0: the backward pass of cross-entropy, but for the target.</summary>
internal readonly struct WeightedProbabilityStep : ILaneStep
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V p = VectorMath.Exp<T, V, S>(S.Subtract(S.Subtract(a, c.C0), c.C1));
        return S.AndNot(S.Subtract(S.Multiply(p, c.C2), c.C3), S.Equal(c.C2, S.Constant(0)));
    }
}
