using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

public static partial class VectorMath
{
    /// <summary>
    /// xʸ with the special cases of C99: 1 if x = 1 or y = 0, whatever the other is; NaN for a negative finite x and a y that is no
    /// integer; an odd integer y keeps the sign of x, also of −0 and −∞.
    /// </summary>
    /// <remarks>exp(y ln |x|), the logarithm held as an unevaluated sum of two numbers with some 9 (double: 11) extra bits.</remarks>
    [MethodImpl(Inline)]
    public static V Pow<T, V, S>(V x, V y) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V zero = S.Constant(0), one = S.Constant(1), infinity = S.Constant(double.PositiveInfinity), a = S.Abs(x);

        // |x|ʸ = exp(w + tail). Where w has left the range of exp the tail, then NaN or infinite, does not count.
        V log = LogExtended<T, V, S>(a, out V logTail), w = S.Multiply(y, log);
        V tail = S.Fma(y, logTail, S.Fma(y, log, S.Negate(w)));
        tail = S.Select(S.Less(S.Abs(w), S.Constant(1000)), tail, zero);
        w = S.Clamp(w, Pick<T, V, S>(-105, -746), Pick<T, V, S>(89, 710));
        V r = ReduceExp<T, V, S>(w, tail, out V n), power = S.Scale(S.Add(one, Expm1Reduced<T, V, S>(r)), n);

        V yHalf = S.Multiply(y, S.Constant(0.5));
        V integer = S.Equal(S.Truncate(y), y), odd = S.AndNot(integer, S.Equal(S.Truncate(yHalf), yHalf));
        V negativeFinite = S.And(S.Less(x, zero), S.Less(a, infinity));
        power = S.Select(S.AndNot(negativeFinite, integer), S.Constant(double.NaN), power);

        // 1^±∞ = 1, for −1 too; the sum x + y is NaN if either is.
        V unitToInfinity = S.And(S.Equal(a, one), S.Equal(S.Abs(y), infinity));
        power = S.Select(unitToInfinity, one, S.Select(S.Or(S.IsNaN(x), S.IsNaN(y)), S.Add(x, y), power));
        power = S.Or(power, S.And(odd, S.And(x, SignBit<T, V, S>())));
        return S.Select(S.Or(S.Equal(x, one), S.Equal(y, zero)), one, power);
    }

    /// <summary>ln a + tail for a ≥ 0, to about 2⁻³⁴ (double 2⁻⁶⁴) of itself; at 0 and +∞ the tail is NaN.</summary>
    [MethodImpl(Inline)]
    private static V LogExtended<T, V, S>(V a, out V tail) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // s + sTail = f / (2 + f), from the remainder of the division; 2 + f = d + dTail exactly.
        V one = S.Constant(1), two = S.Constant(2), m = S.Split(a, out V e), f = S.Subtract(m, one);
        V d = S.Add(two, f), dTail = S.Subtract(f, S.Subtract(d, two)), inverse = S.Divide(one, d), s = S.Multiply(f, inverse);
        V sTail = S.Multiply(inverse, S.Fma(S.Negate(s), dTail, S.Fma(S.Negate(s), d, f)));

        // z + zTail = s², u + uTail = s³, p + pTail = 2/3 + z Q(z): ln(1 + f) = 2s + s³ P(s²); float 2⁻³⁶·⁸, double 2⁻⁶⁸·³.
        V z = S.Multiply(s, s), zTail = S.Fma(S.Add(s, s), sTail, S.Fma(s, s, S.Negate(z)));
        V u = S.Multiply(s, z), uTail = S.Fma(s, zTail, S.Fma(sTail, z, S.Fma(s, z, S.Negate(u))));
        V q = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(z, 0.3999999464, 0.285725832, 0.221515879, 0.1996383369)
            : Polynomial<T, V, S>(z, 0.399999999999997191, 0.285714285715798766, 0.222222221907918682, 0.181818215671408434,
                Polynomial<T, V, S>(z, 0.153844045832950832, 0.133412031619104476, 0.115914782881406497, 0.125768488905620868));
        V twoThirds = S.Constant(2.0 / 3), zq = S.Multiply(z, q), p = S.Add(twoThirds, zq);
        V pTail = S.Add(S.Add(S.Subtract(twoThirds, p), zq), Pick<T, V, S>(-1.98682155172491548e-8, 3.7007434154171882626e-17));
        V v = S.Multiply(u, p), vTail = S.Fma(u, pTail, S.Fma(uTail, p, S.Fma(u, p, S.Negate(v))));

        // e ln 2 + 2s + v, from the largest down; the first part of ln 2 has so many zero bits that its product with e is exact.
        V twoS = S.Add(s, s), near = S.Add(twoS, v), nearTail = S.Add(S.Add(S.Subtract(twoS, near), v), S.Add(S.Add(sTail, sTail), vTail));
        V far = S.Multiply(e, Pick<T, V, S>(0.693145751953125, 0.69314718055989033019)), log = S.Add(far, near);
        tail = S.Add(S.Add(S.Subtract(far, log), near), S.Fma(e, Pick<T, V, S>(1.428606765330187045e-6, 5.4979230187083711552e-14), nearTail));
        return log;
    }
}
