using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

public static partial class VectorMath
{
    /// <summary>arctan x in [−π/2, π/2]. ±0 at ±0.</summary>
    [MethodImpl(Inline)]
    public static V Atan<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // With u = |x| itself, (|x| − 1) / (|x| + 1) or −1 / |x|: arctan |x| = base + arctan u, base 0, π/4 or π/2, |u| ≤ tan π/8.
        V a = S.Abs(x), one = S.Constant(1), high = S.Less(S.Constant(2.414213562373095), a), low = S.LessOrEqual(a, S.Constant(0.41421356237309503));
        V numerator = S.Select(low, a, S.Select(high, S.Constant(-1), S.Subtract(a, one)));
        V denominator = S.Select(low, one, S.Select(high, a, S.Add(a, one)));
        V u = S.Divide(numerator, denominator), z = S.Multiply(u, u);

        // arctan u = u + u³ P(u²); float 2⁻²⁸·³, double 2⁻⁵⁷·⁶.
        V p = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(z, -0.3333331645, 0.1999846697, Polynomial<T, V, S>(z, -0.1424343437, 0.1059300229, -0.06075992808))
            : Polynomial<T, V, S>(z, -0.333333333333331927, 0.199999999999528194, -0.142857142801212894, 0.11111110779795276,
                Polynomial<T, V, S>(z, -0.0909089765496052943, 0.0769205842814967011, -0.0666308414494291568, 0.0584774699633950068,
                Polynomial<T, V, S>(z, -0.0503867319802836985, 0.0380487294775787577, -0.0178900762698329351)));
        V zero = S.Constant(0), tail = S.Select(low, zero, S.Select(high, Pick<T, V, S>(-4.37113882867379289e-8, 6.12323399573676604e-17),
            Pick<T, V, S>(-2.18556941433689644e-8, 3.06161699786838302e-17)));
        V rest = S.Add(S.Fma(S.Multiply(p, z), u, tail), u);
        V y = S.Add(S.Select(low, zero, S.Select(high, S.Constant(1.5707963267948966), S.Constant(0.78539816339744831))), rest);
        return S.Or(y, S.And(x, SignBit<T, V, S>()));
    }

    /// <summary>arcsin x in [−π/2, π/2]. ±0 at ±0, NaN past ±1.</summary>
    [MethodImpl(Inline)]
    public static V Asin<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // Above ½: π/2 − 2 arcsin √((1 − |x|)/2).
        V small = AsinReduced<T, V, S>(x, out V u, out V rest);
        V direct = S.Add(u, rest), far = S.Subtract(u, S.Subtract(Pick<T, V, S>(-2.18556941433689644e-8, 3.06161699786838302e-17), rest));
        V quarter = S.Constant(0.78539816339744831), half = S.Subtract(quarter, far);
        return S.Or(S.Select(small, direct, S.Add(half, half)), S.And(x, SignBit<T, V, S>()));
    }

    /// <summary>arccos x in [0, π]. NaN past ±1.</summary>
    [MethodImpl(Inline)]
    public static V Acos<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // |x| ≤ ½: π/2 − arcsin x; above 2 arcsin √((1 − x)/2), below −½ π minus that of −x.
        V small = AsinReduced<T, V, S>(x, out V u, out V rest), sign = S.And(x, SignBit<T, V, S>());
        V piHalf = S.Constant(1.5707963267948966), piHalfTail = Pick<T, V, S>(-4.37113882867379289e-8, 6.12323399573676604e-17);
        V middle = S.Subtract(piHalf, S.Subtract(S.Xor(u, sign), S.Subtract(piHalfTail, S.Xor(rest, sign))));
        V near = S.Add(u, rest), opposite = S.Subtract(piHalf, S.Subtract(near, piHalfTail));
        V outer = S.Select(S.Less(x, S.Constant(0)), opposite, near);
        return S.Select(small, middle, S.Add(outer, outer));
    }

    /// <summary>u = |x| where that is at most ½ (the mask returned), else √((1 − |x|)/2); arcsin u = u + rest.</summary>
    [MethodImpl(Inline)]
    private static V AsinReduced<T, V, S>(V x, out V u, out V rest) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V a = S.Abs(x), half = S.Constant(0.5), small = S.LessOrEqual(a, half);
        V z = S.Select(small, S.Multiply(a, a), S.Fma(a, S.Negate(half), half));
        u = S.Select(small, a, S.Sqrt(z));

        // arcsin u = u + u³ P(u²), u² ≤ ¼; float 2⁻³⁰·³, double 2⁻⁵⁷·⁹.
        V p = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(z, 0.1666665971, 0.07500506192, Polynomial<T, V, S>(z, 0.04451655596, 0.03181143478, 0.01442317478, 0.0375399217))
            : Polynomial<T, V, S>(z, 0.166666666666667629, 0.074999999999704664, 0.0446428571749469608, 0.0303819426909288717,
                Polynomial<T, V, S>(z, 0.0223722154830888684, 0.017351602765830379, 0.0139809353720238994, 0.0113979416961082058,
                Polynomial<T, V, S>(z, 0.010785860208945338, 0.00368461418117605301, 0.0217619296412654359,
                S.Fma(z, S.Constant(0.0326793286676933387), S.Constant(-0.021078174067820931)))));
        rest = S.Multiply(S.Multiply(z, p), u);
        return small;
    }
}
