using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

public static partial class VectorMath
{
    /// <summary>sin x. ±0 at ±0, NaN at ±∞. Past |x| = 2²⁰ (float) or 2³⁰ (double) a lane is computed by the platform's library.</summary>
    [MethodImpl(Inline)]
    public static V Sin<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V k = SinCosReduced<T, V, S>(x, out V sin, out V cos);
        V y = S.Select(S.Equal(x, S.Constant(0)), x, SinOfQuarters<T, V, S>(k, sin, cos));
        return S.Library<LibrarySin>(x, y, IsHuge<T, V, S>(x));
    }

    /// <summary>cos x. NaN at ±∞. Past |x| = 2²⁰ (float) or 2³⁰ (double) a lane is computed by the platform's library.</summary>
    [MethodImpl(Inline)]
    public static V Cos<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // cos x = sin(x + π/2): one quarter further.
        V k = SinCosReduced<T, V, S>(x, out V sin, out V cos);
        V y = SinOfQuarters<T, V, S>(S.Add(k, S.Constant(1)), sin, cos);
        return S.Library<LibraryCos>(x, y, IsHuge<T, V, S>(x));
    }

    /// <summary>tan x. ±0 at ±0, NaN at ±∞. Past |x| = 2²⁰ (float) or 2³⁰ (double) a lane is computed by the platform's library.</summary>
    [MethodImpl(Inline)]
    public static V Tan<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // An odd quarter turns sin r / cos r into −cos r / sin r.
        V k = SinCosReduced<T, V, S>(x, out V sin, out V cos), odd = S.TestBit(k, 0);
        V y = S.Divide(S.Select(odd, S.Negate(cos), sin), S.Select(odd, sin, cos));
        y = S.Select(S.Equal(x, S.Constant(0)), x, y);
        return S.Library<LibraryTan>(x, y, IsHuge<T, V, S>(x));
    }

    /// <summary>
    /// x = k π/2 + r with |r| ≤ π/4: the sine and cosine of r. Returns k + 1.5 · 2²³ (double: 1.5 · 2⁵²), whose lowest bits are those
    /// of the integer k.
    /// </summary>
    [MethodImpl(Inline)]
    private static V SinCosReduced<T, V, S>(V x, out V sin, out V cos) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V magic = Pick<T, V, S>(12582912, 6755399441055744), biased = S.Fma(x, S.Constant(0.63661977236758134), magic);

        // π/2 in three parts (Cody and Waite); the first difference is exact.
        V k = S.Subtract(biased, magic), r = S.Fma(k, Pick<T, V, S>(-1.57079637050628662, -1.57079632679489656), x);
        r = S.Fma(k, Pick<T, V, S>(4.37113882867379289e-8, -6.12323399573676604e-17), r);
        r = S.Fma(k, Pick<T, V, S>(1.71512451000588187e-15, 1.49738490485916983e-33), r);

        V z = S.Multiply(r, r);
        sin = SinQuarter<T, V, S>(r, z);
        cos = CosQuarter<T, V, S>(z);
        return biased;
    }

    /// <summary>sin r = r + r³ P(z), z = r², for |r| ≤ π/4; float 2⁻²⁷·⁹, double 2⁻⁵⁷·⁹.</summary>
    [MethodImpl(Inline)]
    private static V SinQuarter<T, V, S>(V r, V z) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V p = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(z, -0.1666665524, 0.008332188241, -0.0001951808372)
            : Polynomial<T, V, S>(z, -0.166666666666666297, 0.00833333333332184067, -0.000198412698293585035,
                Polynomial<T, V, S>(z, 2.75573135384951756e-6, -2.50507343846237035e-8, 1.58954329305891147e-10));
        return S.Fma(S.Multiply(p, z), r, r);
    }

    /// <summary>cos r = 1 − z/2 + z² Q(z), z = r², for |r| ≤ π/4; float 2⁻³³, double 2⁻⁶³·⁹. Never above 1.</summary>
    [MethodImpl(Inline)]
    private static V CosQuarter<T, V, S>(V z) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V q = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(z, 0.04166664556, -0.001388730947, 2.443232734e-5)
            : Polynomial<T, V, S>(z, 0.041666666666666595, -0.00138888888888733268, 0.0000248015872889855791,
                Polynomial<T, V, S>(z, -2.75573142106826195e-7, 2.08757043554217805e-9, -1.13586876429142047e-11));
        return S.Fma(z, S.Fma(z, q, S.Constant(-0.5)), S.Constant(1));
    }

    /// <summary>sin(k π/2 + r) from the sine and cosine of r: an odd k takes the cosine, the second bit of k the sign.</summary>
    [MethodImpl(Inline)]
    private static V SinOfQuarters<T, V, S>(V k, V sin, V cos) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V sign = S.And(S.ShiftLeft(k, typeof(T) == typeof(float) ? 30 : 62), SignBit<T, V, S>());
        return S.Xor(S.Select(S.TestBit(k, 0), cos, sin), sign);
    }

    [MethodImpl(Inline)]
    private static V IsHuge<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => S.Less(Pick<T, V, S>(1 << 20, 1 << 30), S.Abs(x));

    private readonly struct LibrarySin : ILibraryFunction
    {
        public static double Of(double x) => Math.Sin(x);
        public static string Source => "LIBRARY_SIN";
    }

    private readonly struct LibraryCos : ILibraryFunction
    {
        public static double Of(double x) => Math.Cos(x);
        public static string Source => "LIBRARY_COS";
    }

    private readonly struct LibraryTan : ILibraryFunction
    {
        public static double Of(double x) => Math.Tan(x);
        public static string Source => "LIBRARY_TAN";
    }
}
