using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// F(2, 3) on the points 0, 1, −1, ∞: 16 products instead of 36. Its factors are 1 and ½, and its sums are shorter than those of a direct
/// convolution, so the result is no less accurate.
/// </summary>
internal readonly unsafe struct WinogradTile2 : IWinogradTile
{
    public static int Size => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Image<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V x0 = S.Load(from), x1 = S.Load(from + step), x2 = S.Load(from + 2 * step), x3 = S.Load(from + 3 * step);
        S.Store(to, S.Subtract(x0, x2));
        S.Store(to + stepTo, S.Add(x1, x2));
        S.Store(to + 2 * stepTo, S.Subtract(x2, x1));
        S.Store(to + 3 * stepTo, S.Subtract(x1, x3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Filter<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V half = S.Constant(0.5), w0 = S.Load(from), w1 = S.Load(from + step), w2 = S.Load(from + 2 * step);
        V even = S.Multiply(half, S.Add(w0, w2)), odd = S.Multiply(half, w1);
        S.Store(to, w0);
        S.Store(to + stepTo, S.Add(even, odd));
        S.Store(to + 2 * stepTo, S.Subtract(even, odd));
        S.Store(to + 3 * stepTo, w2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Result<T, V, S>(T* from, nint step, V bias, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V m0 = S.Load(from), m1 = S.Load(from + step), m2 = S.Load(from + 2 * step), m3 = S.Load(from + 3 * step);
        S.Store(to, S.Add(S.Add(m0, S.Add(m1, m2)), bias));
        S.Store(to + stepTo, S.Add(S.Subtract(S.Subtract(m1, m2), m3), bias));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ResultGradient<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V g0 = S.Load(from), g1 = S.Load(from + step);
        S.Store(to, g0);
        S.Store(to + stepTo, S.Add(g0, g1));
        S.Store(to + 2 * stepTo, S.Subtract(g0, g1));
        S.Store(to + 3 * stepTo, S.Negate(g1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FilterGradient<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V half = S.Constant(0.5), u0 = S.Load(from), u1 = S.Load(from + step), u2 = S.Load(from + 2 * step), u3 = S.Load(from + 3 * step);
        V sum = S.Multiply(half, S.Add(u1, u2));
        S.Store(to, S.Add(u0, sum));
        S.Store(to + stepTo, S.Multiply(half, S.Subtract(u1, u2)));
        S.Store(to + 2 * stepTo, S.Add(u3, sum));
    }
}
