using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Vectors in memory, of which the last one may be there in part.</summary>
internal static unsafe class Lanes
{
    /// <summary>Lanes 0..n−1 of neighbouring elements; the others are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<T, V, S>(T* p, int n) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => n >= S.Count ? S.Load(p) : S.LoadPart(p, n);

    /// <summary>Stores lanes 0..n−1 at neighbouring elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T, V, S>(T* p, int n, V value) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        if (n >= S.Count) S.Store(p, value);
        else S.StorePart(p, n, value);
    }

    /// <summary>Stores lanes 0..n−1 at elements i, i+1, … of an output of any stride.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T, V, S>(T* p, long stride, long i, int n, V value) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        if (stride == 1)
        {
            S.StorePart(p + i, n, value);
            return;
        }

        T* lanes = stackalloc T[S.Count];
        S.Store(lanes, value);
        for (int j = 0; j < n; j++) p[(i + j) * stride] = lanes[j];
    }
}
