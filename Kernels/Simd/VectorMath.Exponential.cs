using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

public static partial class VectorMath
{
    /// <summary>eˣ. +∞ from 88.73 (float) or 709.79 (double) on, subnormal results down to −104 or −745, 0 at −∞.</summary>
    [MethodImpl(Inline)]
    public static V Exp<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => ExpInRange<T, V, S>(S.Clamp(x, Pick<T, V, S>(-105, -746), Pick<T, V, S>(89, 710)));

    /// <summary>eˣ − 1, accurate near 0. −1 at −∞, ±0 at ±0.</summary>
    [MethodImpl(Inline)]
    public static V Expm1<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V p = Expm1Reduced<T, V, S>(ReduceExp<T, V, S>(S.Clamp(x, Pick<T, V, S>(-20, -40), Pick<T, V, S>(89, 710)), out V n));

        // 2 (2ⁿ⁻¹ p + (2ⁿ⁻¹ − ½)): the half keeps 2ⁿ finite at the upper end. Near ±0 x itself keeps its sign.
        V half = S.Constant(0.5), power = S.Scale(half, n), y = S.Fma(power, p, S.Subtract(power, half));
        return S.Select(S.Equal(x, S.Constant(0)), x, S.Add(y, y));
    }

    /// <summary>1 / (1 + e⁻ˣ), with full relative accuracy where it is tiny. 0 at −∞, 1 at +∞.</summary>
    [MethodImpl(Inline)]
    public static V Sigmoid<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // With e = e^−|x| ≤ 1 nothing overflows. lost is what the sum 1 + e rounds away; the quotient gets it back to first order.
        V one = S.Constant(1), e = ExpInRange<T, V, S>(S.Clamp(S.Negate(S.Abs(x)), Pick<T, V, S>(-105, -746), one));
        V sum = S.Add(one, e), lost = S.Subtract(S.Subtract(sum, one), e);
        V y = S.Divide(S.Select(S.Less(x, S.Constant(0)), e, one), sum);
        return S.Fma(y, lost, y);
    }

    /// <summary>(e²ˣ − 1) / (e²ˣ + 1). ±0 at ±0, ±1 at ±∞.</summary>
    [MethodImpl(Inline)]
    public static V Tanh<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V a = S.Clamp(S.Abs(x), S.Constant(-1), Pick<T, V, S>(10, 20)), one = S.Constant(1), z = S.Multiply(a, a);
        V large = S.Subtract(one, S.Divide(S.Constant(2), S.Add(ExpNormal<T, V, S>(S.Add(a, a)), one)));

        // tanh a = a + a³ P(a²) for a ≤ 0.625; float 2⁻²⁸·⁶, double 2⁻⁵⁶·⁴.
        V p = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(z, -0.3333333135, 0.1333320588, Polynomial<T, V, S>(z, -0.05394674838, 0.02170062065, -0.008177188225, 0.002142762998))
            : Polynomial<T, V, S>(z, -0.333333333333328541, 0.13333333333261943, -0.0539682539312014917, 0.0218694875746183424,
                Polynomial<T, V, S>(z, -0.00886322098366352021, 0.00359198902302666854, -0.00145495811221961675, 0.000586314052561928332,
                Polynomial<T, V, S>(z, -0.000228559209864038587, 0.0000771387015948495785, -0.0000160698057819930212)));
        V small = S.Fma(S.Multiply(p, z), a, a);
        return S.Or(S.Select(S.Less(a, S.Constant(0.625)), small, large), S.And(x, SignBit<T, V, S>()));
    }

    /// <summary>eˣ for an x between the bounds that <see cref="Exp"/> clamps to, or NaN.</summary>
    [MethodImpl(Inline)]
    private static V ExpInRange<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V p = Expm1Reduced<T, V, S>(ReduceExp<T, V, S>(x, out V n));
        return S.Scale(S.Add(S.Constant(1), p), n);
    }

    /// <summary>eˣ where that is a normal number, or NaN.</summary>
    [MethodImpl(Inline)]
    private static V ExpNormal<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V p = Expm1Reduced<T, V, S>(ReduceExp<T, V, S>(x, out V n));
        return S.ScaleNormal(S.Add(S.Constant(1), p), n);
    }

    /// <summary>x = n ln 2 + r with |r| ≤ ½ ln 2, up to rounding; returns r.</summary>
    [MethodImpl(Inline)]
    private static V ReduceExp<T, V, S>(V x, out V n) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        n = S.Round(S.Multiply(x, S.Constant(1.4426950408889634)));
        V r = S.Fma(n, Pick<T, V, S>(-0.693147182464599609, -0.69314718055994529), x); // exact
        return S.Fma(n, Pick<T, V, S>(1.90465421212593355e-9, -2.3190468138462996e-17), r);
    }

    /// <summary>The same for x + tail, the tail no larger than the rounding error of x.</summary>
    [MethodImpl(Inline)]
    private static V ReduceExp<T, V, S>(V x, V tail, out V n) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        n = S.Round(S.Multiply(x, S.Constant(1.4426950408889634)));
        V r = S.Fma(n, Pick<T, V, S>(-0.693147182464599609, -0.69314718055994529), x); // exact
        return S.Add(r, S.Fma(n, Pick<T, V, S>(1.90465421212593355e-9, -2.3190468138462996e-17), tail));
    }

    /// <summary>eʳ − 1 = r + r² Q(r) for |r| ≤ ½ ln 2; float 2⁻²⁸, double 2⁻⁶⁰ of eʳ.</summary>
    [MethodImpl(Inline)]
    private static V Expm1Reduced<T, V, S>(V r) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V q = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(r, 0.4999999404, 0.1666652113, Polynomial<T, V, S>(r, 0.04166838899, 0.008368745446, 0.001381454407))
            : Polynomial<T, V, S>(r, 0.5, 0.166666666666666824, 0.0416666666666660954, 0.00833333333331698345,
                Polynomial<T, V, S>(r, 0.00138888888891163529, 0.00019841269896514932, 0.0000248015869257431297, 2.75572347276150862e-6,
                Polynomial<T, V, S>(r, 2.75575822527190946e-7, 2.51120846880576815e-8, 2.08265937340992573e-9)));
        return S.Fma(q, S.Multiply(r, r), r);
    }
}
