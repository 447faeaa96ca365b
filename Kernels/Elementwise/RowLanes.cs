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
        => Lanes.Load<T, V, S>(p + i, n);
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

/// <summary>Any stride, the usual ones without a detour.</summary>
internal readonly unsafe struct AnyLanes : ILanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Fetch<T, V, S>(T* p, long stride, long i, int n, V repeated) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => stride == 1 ? UnitLanes.Fetch<T, V, S>(p, stride, i, n, repeated) : stride == 0 ? repeated : Gather<T, V, S>(p, stride, i, n);

    [MethodImpl(HotLoop.Options)]
    private static V Gather<T, V, S>(T* p, long stride, long i, int n) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => StridedLanes.Fetch<T, V, S>(p, stride, i, n, default);
}

/// <summary>How the full vectors of a row's result are stored.</summary>
internal unsafe interface IStores
{
    /// <summary>Elements of the result before the first that may be stored with others: they are stored one vector's part at a time, as the row's end is.</summary>
    static abstract long Head<T, V, S>(T* y, long n) where T : unmanaged where V : struct where S : struct, ISimd<T, V>;

    /// <summary>Elements i .. i+S.Count−1 of a result of any stride.</summary>
    static abstract void Store<T, V, S>(T* y, long stride, long i, V value) where T : unmanaged where V : struct where S : struct, ISimd<T, V>;
}

/// <summary>Ordinary stores.</summary>
internal readonly unsafe struct CachedStores : IStores
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Head<T, V, S>(T* y, long n) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T, V, S>(T* y, long stride, long i, V value) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        if (stride == 1) S.Store(y + i, value);
        else Lanes.Store<T, V, S>(y, stride, i, S.Count, value);
    }
}

/// <summary><see cref="StreamingStores"/>; the stride is 1.</summary>
internal readonly unsafe struct StreamedStores : IStores
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Head<T, V, S>(T* y, long n) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => Math.Min(n, (-(nint)y & (S.Count * sizeof(T) - 1)) / sizeof(T));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T, V, S>(T* y, long stride, long i, V value) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => S.StoreNonTemporal(y + i, value);
}
