using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>How an operand of a row is fetched: neighbours, one repeated element, or elements at any distance.</summary>
internal unsafe interface ILanes
{
    /// <summary>Lanes i .. i+n−1 of an operand; <paramref name="repeated"/> is its first element in every lane.</summary>
    static abstract V Fetch<T, V, S>(T* p, long stride, long i, int n, V repeated)
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>;
}

/// <summary>Stride 1.</summary>
internal readonly unsafe struct UnitLanes : ILanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Fetch<T, V, S>(T* p, long stride, long i, int n, V repeated) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => n == S.Count ? S.Load(p + i) : S.LoadPart(p + i, n);
}

/// <summary>Stride 0.</summary>
internal readonly unsafe struct RepeatedLane : ILanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Fetch<T, V, S>(T* p, long stride, long i, int n, V repeated) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => repeated;
}

/// <summary>Any stride: lane by lane through memory.</summary>
internal readonly unsafe struct StridedLanes : ILanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Fetch<T, V, S>(T* p, long stride, long i, int n, V repeated) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        T* lanes = stackalloc T[S.Count];
        for (int j = 0; j < n; j++) lanes[j] = p[(i + j) * stride];
        for (int j = n; j < S.Count; j++) lanes[j] = default;
        return S.Load(lanes);
    }
}

internal static unsafe class Lanes
{
    /// <summary>Stores lanes 0..n−1 at elements i, i+1, … of an output of any stride.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T, V, S>(T* p, long stride, long i, int n, V value) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        if (stride == 1)
        {
            if (n == S.Count) S.Store(p + i, value);
            else S.StorePart(p + i, n, value);
            return;
        }

        T* lanes = stackalloc T[S.Count];
        S.Store(lanes, value);
        for (int j = 0; j < n; j++) p[(i + j) * stride] = lanes[j];
    }
}
