using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// F(4, 3) on the points 0, ±a, ±b, ∞ with a = 1/√2 and b = √2: 36 products instead of 144. The points cost what the usual 0, ±1, ±2, ∞ do, but their powers stay
/// close to one, which halves the error or better.
/// </summary>
internal readonly unsafe struct WinogradTile4 : IWinogradTile
{
    private const double A = 0.70710678118654752440, B = 1.41421356237309504880;
    private const double A2 = 0.5, B2 = 2, A3 = A * A2, B3 = B * B2;

    // Lagrange's denominators at 0, ±a and ±b: a²b² = 1, 2a²(a² − b²) = −3/2, 2b²(b² − a²) = 6.
    private const double ByA = -2.0 / 3, ByB = 1.0 / 6;

    public static int Size => 4;

    /// <summary>Row of point p: the coefficients of the polynomial with the other points as its zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Image<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V x0 = S.Load(from), x1 = S.Load(from + step), x2 = S.Load(from + 2 * step), x3 = S.Load(from + 3 * step), x4 = S.Load(from + 4 * step), x5 = S.Load(from + 5 * step);
        V minusA2 = S.Constant(-A2), minusB2 = S.Constant(-B2), both = S.Constant(-A2 - B2);
        V evenA = S.MultiplyAdd(minusB2, x2, x4), oddA = S.MultiplyAdd(minusB2, x1, x3), evenB = S.MultiplyAdd(minusA2, x2, x4), oddB = S.MultiplyAdd(minusA2, x1, x3);
        S.Store(to, S.Add(x0, S.MultiplyAdd(both, x2, x4)));
        S.Store(to + stepTo, S.MultiplyAdd(S.Constant(A), oddA, evenA));
        S.Store(to + 2 * stepTo, S.MultiplyAdd(S.Constant(-A), oddA, evenA));
        S.Store(to + 3 * stepTo, S.MultiplyAdd(S.Constant(B), oddB, evenB));
        S.Store(to + 4 * stepTo, S.MultiplyAdd(S.Constant(-B), oddB, evenB));
        S.Store(to + 5 * stepTo, S.Add(x1, S.MultiplyAdd(both, x3, x5)));
    }

    /// <summary>Row of point p: (1, p, p²) over its denominator.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Filter<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V w0 = S.Load(from), w1 = S.Load(from + step), w2 = S.Load(from + 2 * step);
        V evenA = S.MultiplyAdd(S.Constant(A2 * ByA), w2, S.Multiply(S.Constant(ByA), w0)), oddA = S.Multiply(S.Constant(A * ByA), w1);
        V evenB = S.MultiplyAdd(S.Constant(B2 * ByB), w2, S.Multiply(S.Constant(ByB), w0)), oddB = S.Multiply(S.Constant(B * ByB), w1);
        S.Store(to, w0);
        S.Store(to + stepTo, S.Add(evenA, oddA));
        S.Store(to + 2 * stepTo, S.Subtract(evenA, oddA));
        S.Store(to + 3 * stepTo, S.Add(evenB, oddB));
        S.Store(to + 4 * stepTo, S.Subtract(evenB, oddB));
        S.Store(to + 5 * stepTo, w2);
    }

    /// <summary>Column of point p: (1, p, p², p³).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Result<T, V, S>(T* from, nint step, V bias, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V m0 = S.Load(from), m1 = S.Load(from + step), m2 = S.Load(from + 2 * step), m3 = S.Load(from + 3 * step), m4 = S.Load(from + 4 * step), m5 = S.Load(from + 5 * step);
        V sumA = S.Add(m1, m2), gapA = S.Subtract(m1, m2), sumB = S.Add(m3, m4), gapB = S.Subtract(m3, m4);
        S.Store(to, S.Add(S.Add(m0, sumA), S.Add(sumB, bias)));
        S.Store(to + stepTo, S.MultiplyAdd(S.Constant(A), gapA, S.MultiplyAdd(S.Constant(B), gapB, bias)));
        S.Store(to + 2 * stepTo, S.MultiplyAdd(S.Constant(A2), sumA, S.MultiplyAdd(S.Constant(B2), sumB, bias)));
        S.Store(to + 3 * stepTo, S.MultiplyAdd(S.Constant(A3), gapA, S.MultiplyAdd(S.Constant(B3), gapB, S.Add(m5, bias))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ResultGradient<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V g0 = S.Load(from), g1 = S.Load(from + step), g2 = S.Load(from + 2 * step), g3 = S.Load(from + 3 * step);
        V evenA = S.MultiplyAdd(S.Constant(A2), g2, g0), oddA = S.MultiplyAdd(S.Constant(A2), g3, g1);
        V evenB = S.MultiplyAdd(S.Constant(B2), g2, g0), oddB = S.MultiplyAdd(S.Constant(B2), g3, g1);
        S.Store(to, g0);
        S.Store(to + stepTo, S.MultiplyAdd(S.Constant(A), oddA, evenA));
        S.Store(to + 2 * stepTo, S.MultiplyAdd(S.Constant(-A), oddA, evenA));
        S.Store(to + 3 * stepTo, S.MultiplyAdd(S.Constant(B), oddB, evenB));
        S.Store(to + 4 * stepTo, S.MultiplyAdd(S.Constant(-B), oddB, evenB));
        S.Store(to + 5 * stepTo, g3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FilterGradient<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V u0 = S.Load(from), u1 = S.Load(from + step), u2 = S.Load(from + 2 * step), u3 = S.Load(from + 3 * step), u4 = S.Load(from + 4 * step), u5 = S.Load(from + 5 * step);
        V sumA = S.Add(u1, u2), gapA = S.Subtract(u1, u2), sumB = S.Add(u3, u4), gapB = S.Subtract(u3, u4);
        S.Store(to, S.MultiplyAdd(S.Constant(ByA), sumA, S.MultiplyAdd(S.Constant(ByB), sumB, u0)));
        S.Store(to + stepTo, S.MultiplyAdd(S.Constant(A * ByA), gapA, S.Multiply(S.Constant(B * ByB), gapB)));
        S.Store(to + 2 * stepTo, S.MultiplyAdd(S.Constant(A2 * ByA), sumA, S.MultiplyAdd(S.Constant(B2 * ByB), sumB, u5)));
    }
}
