using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Elementary functions of a vector register, written once for float and double and every width. All arithmetic is IEEE
/// (+, −, ·, /, √, and <c>Fma</c> with one rounding), so every width and machine gives the same bits. No tables, no branches on
/// the usual path. The polynomials are minimax fits; each states its interval and its error relative to the function.
/// </summary>
/// <remarks>
/// <para>T is the element (float or double), V the register, S its operations, as in <see cref="ISimd{T, V}"/>.</para>
/// <para>
/// Largest error measured, in units of the last place. At most 1.3 in both types: Exp, Log, Log1p, Pow, Erf, Acos. At most 1.6:
/// Tanh, Sin, Cos, Asin, Rsqrt, Softplus. At most 1.9: Sigmoid, Expm1, Atan. At most 3: Tan. At most 3.6 (float) and 3 (double): Erfc.
/// </para>
/// </remarks>
public static partial class VectorMath
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>−1, 0 or 1; ±0 and NaN come back as they are.</summary>
    [MethodImpl(Inline)]
    public static V Sign<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V zero = S.Constant(0);
        return S.Select(S.Less(zero, x), S.Constant(1), S.Select(S.Less(x, zero), S.Constant(-1), x));
    }

    /// <summary>1/√x; ±∞ at ±0, 0 at +∞, NaN below 0. Two roundings: at most 1½ ulp.</summary>
    [MethodImpl(Inline)]
    public static V Rsqrt<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => S.Divide(S.Constant(1), S.Sqrt(x));

    /// <summary>A constant that differs between the two element types.</summary>
    [MethodImpl(Inline)]
    private static V Pick<T, V, S>(double single, double @double) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => S.Constant(typeof(T) == typeof(float) ? single : @double);

    /// <summary>−0 in every lane: only the sign bit.</summary>
    [MethodImpl(Inline)]
    private static V SignBit<T, V, S>() where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => S.Constant(-0.0);

    // Constant term first: c0 + x (c1 + x (c2 + ...)). The longer forms continue into a tail. Four terms go by pairs, in x²: as many
    // multiply-adds as Horner's scheme has, in half as long a chain.
    [MethodImpl(Inline)]
    private static V Polynomial<T, V, S>(V x, double c0, double c1, V tail) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => S.Fma(x, S.Fma(x, tail, S.Constant(c1)), S.Constant(c0));

    [MethodImpl(Inline)]
    private static V Polynomial<T, V, S>(V x, double c0, double c1, double c2) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => S.Fma(x, S.Fma(x, S.Constant(c2), S.Constant(c1)), S.Constant(c0));

    [MethodImpl(Inline)]
    private static V Polynomial<T, V, S>(V x, double c0, double c1, double c2, V tail)
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => S.Fma(x, S.Fma(x, S.Fma(x, tail, S.Constant(c2)), S.Constant(c1)), S.Constant(c0));

    [MethodImpl(Inline)]
    private static V Polynomial<T, V, S>(V x, double c0, double c1, double c2, double c3)
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => S.Fma(S.Multiply(x, x), S.Fma(x, S.Constant(c3), S.Constant(c2)), S.Fma(x, S.Constant(c1), S.Constant(c0)));

    [MethodImpl(Inline)]
    private static V Polynomial<T, V, S>(V x, double c0, double c1, double c2, double c3, V tail)
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V z = S.Multiply(x, x);
        return S.Fma(z, S.Fma(z, tail, S.Fma(x, S.Constant(c3), S.Constant(c2))), S.Fma(x, S.Constant(c1), S.Constant(c0)));
    }
}
