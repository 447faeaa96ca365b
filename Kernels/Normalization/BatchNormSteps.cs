using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>s0 = Σ (a − c0)².</summary>
internal readonly struct SquaredDeviationStep : ILaneStep
{
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V d = S.Subtract(a, c.C0);
        s0 = S.MultiplyAdd(d, d, s0);
        return a;
    }
}

/// <summary>y = (a − c0) c1 + c2.</summary>
internal readonly struct NormalizeStep : ILaneStep
{
    public static bool Writes => true;
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.MultiplyAdd(S.Subtract(a, c.C0), c.C1, c.C2);
}

/// <summary>s0 = Σ a, s1 = Σ a (b − c0).</summary>
internal readonly struct CorrelationStep : ILaneStep
{
    public static bool ReadsSecond => true;

    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        s0 = S.Add(s0, a);
        s1 = S.MultiplyAdd(a, S.Subtract(b, c.C0), s1);
        return a;
    }
}

/// <summary>y = a c1 + (b − c0) c2 + c3.</summary>
internal readonly struct ProjectStep : ILaneStep
{
    public static bool ReadsSecond => true;
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.MultiplyAdd(a, c.C1, S.MultiplyAdd(S.Subtract(b, c.C0), c.C2, c.C3));
}

/// <summary>Numbers per channel, one per lane or the same in all of them.</summary>
internal static unsafe class PerChannel
{
    public static V Load<T, V, S>(in LaneWalk walk, T* p, double missing) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => p == null ? S.Constant(missing) : walk.Across ? S.Broadcast(*p) : S.LoadPart(p, walk.Lines(S.Count));

    public static void Store<T, V, S>(in LaneWalk walk, T* p, V value) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        if (p != null) S.StorePart(p, walk.Lines(S.Count), value);
    }
}
