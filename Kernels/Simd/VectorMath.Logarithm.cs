using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

public static partial class VectorMath
{
    /// <summary>ln x, also of subnormal numbers. −∞ at ±0, +∞ at +∞, NaN below 0.</summary>
    [MethodImpl(Inline)]
    public static V Log<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V m = S.Split(x, out V e);
        return LogNearOne<T, V, S>(S.Subtract(m, S.Constant(1)), e);
    }

    /// <summary>ln(1 + x), accurate near 0. ±0 at ±0, −∞ at −1, NaN below −1.</summary>
    [MethodImpl(Inline)]
    public static V Log1p<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // s + c = 1 + x exactly (c is dropped where 1 + x = x); c joins the mantissa of s.
        V one = S.Constant(1), s = S.Add(one, x), b = S.Subtract(s, one);
        V c = S.Add(S.Subtract(one, S.Subtract(s, b)), S.Subtract(x, b));
        c = S.Select(S.Less(x, Pick<T, V, S>(1 << 26, 1L << 55)), c, S.Constant(0));
        V m = S.Split(s, out V e), f = S.Subtract(m, one);
        f = S.Add(f, S.Scale(c, S.Clamp(S.Negate(e), S.Constant(-60), S.Constant(60))));
        V y = LogNearOne<T, V, S>(f, e);
        return S.Select(S.Less(S.Abs(x), Pick<T, V, S>(2.9e-8, 5.5e-17)), x, y);
    }

    /// <summary>ln(1 + eˣ) without overflow: max(x, 0) + ln(1 + e^−|x|). 0 at −∞, +∞ at +∞.</summary>
    [MethodImpl(Inline)]
    public static V Softplus<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // u ≤ 1, so 1 + u is 1 + f with f = u, or 2 (1 + f) with f = (u − 1)/2: exact either way.
        V u = Exp<T, V, S>(S.Negate(S.Abs(x))), half = S.Constant(0.5), zero = S.Constant(0), low = S.Less(u, half);
        V f = S.Select(low, u, S.Multiply(S.Subtract(u, S.Constant(1)), half));
        return S.Add(S.Select(S.Less(zero, x), x, zero), LogNearOne<T, V, S>(f, S.Select(low, zero, S.Constant(1))));
    }

    /// <summary>e ln 2 + ln(1 + f) for −¼ ≤ f &lt; ½.</summary>
    [MethodImpl(Inline)]
    private static V LogNearOne<T, V, S>(V f, V e) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V z = S.Multiply(f, f), rest; // ln(1 + f) = f + rest
        if (typeof(T) == typeof(float))
        {
            // ln(1 + f) = f − f²/2 + f³ P(f), 2⁻²⁷·⁸
            V p = Polynomial<T, V, S>(f, 0.3333334029, -0.2500016391, 0.1999960542, -0.1665529758,
                Polynomial<T, V, S>(f, 0.1427622885, -0.1272775233, Polynomial<T, V, S>(f, 0.1170072258, -0.09116446972, 0.03767508268)));
            rest = S.Fma(z, S.Fma(f, p, S.Constant(-0.5)), S.Multiply(e, S.Constant(5.7699988786907852e-8)));
            return S.Fma(e, S.Constant(0.693147122859954834), S.Add(f, rest));
        }

        // With s = f / (2 + f): ln(1 + f) = 2 artanh s = f − f²/2 + s (f²/2 + R(s²)).
        V s = S.Divide(f, S.Add(S.Constant(2), f)), half = S.Multiply(z, S.Constant(0.5));
        V r = ArtanhSeries<T, V, S>(S.Multiply(s, s));
        rest = S.Subtract(S.Fma(s, S.Add(half, r), S.Multiply(e, S.Constant(2.3190468138462996e-17))), half);
        return S.Fma(e, S.Constant(0.69314718055994529), S.Add(f, rest));
    }

    /// <summary>R with 2 artanh s = 2s + s R(s²), for s² ≤ 0.04 (2⁻⁶¹·⁹ of the whole).</summary>
    [MethodImpl(Inline)]
    private static V ArtanhSeries<T, V, S>(V z) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => S.Multiply(z, Polynomial<T, V, S>(z, 0.666666666666665964, 0.400000000000569511, 0.285714285557681913, 0.22222224302824603,
            Polynomial<T, V, S>(z, 0.181816655134532407, 0.153911233381166523, 0.131734133709303591, 0.138442690561679904)));
}
