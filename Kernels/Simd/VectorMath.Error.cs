using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

public static partial class VectorMath
{
    /// <summary>The error function 2/√π ∫₀ˣ e^−t² dt. ±0 at ±0, ±1 at ±∞.</summary>
    [MethodImpl(Inline)]
    public static V Erf<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // From the upper bound on, erf rounds to 1.
        V a = S.Clamp(S.Abs(x), S.Constant(-1), Pick<T, V, S>(3.94, 5.94)), one = S.Constant(1), z = S.Multiply(a, a), t = S.Subtract(a, one);

        // erf a = a + a P(a²) for a < 0.92 (float, 2⁻²⁶·⁴) or a < 1 (double, 2⁻⁵⁶·⁴).
        V p = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(z, 0.1283791661, -0.376126349, 0.1128369719, -0.02685949765,
                Polynomial<T, V, S>(z, 0.005201280117, -0.0008145519532, 8.382028318e-5))
            : Polynomial<T, V, S>(z, 0.128379167095512559, -0.376126389031834374, 0.112837916709419103, -0.0268661706428318693,
                Polynomial<T, V, S>(z, 0.00522397760423004391, -0.000854832585168533343, 0.000120552915301650561, -0.0000149246769415100779,
                Polynomial<T, V, S>(z, 1.64467332533036446e-6, -1.62034959243080554e-7, 1.36996149605937029e-8, -7.75953252487801419e-10)));

        // erf a = 1 − exp G(a − 1), G = ln erfc, up to the bound (float 2⁻²⁶·², double 2⁻⁵⁷ of erf).
        V g = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(t, -1.84960556, -2.638967752, -0.843108654, -0.04153734446,
                Polynomial<T, V, S>(t, 0.009949887171, -0.001867589192, 0.0001959356305))
            : Polynomial<T, V, S>(t, -1.84960550993324824, -2.63896751423478593, -0.843107256358836432, -0.0415610980380505257,
                Polynomial<T, V, S>(t, 0.0100338253303351825, -0.00197790226709073725, 0.000237321176080498923, 0.0000262816790338038367,
                Polynomial<T, V, S>(t, -0.0000271668151501961531, 9.61994902642507816e-6, -2.07105476827059716e-6, 1.5097117816024248e-7,
                Polynomial<T, V, S>(t, 9.36623467140772358e-8, -5.09916407413157729e-8, 1.49181774947247949e-8, -2.99363378265167636e-9,
                Polynomial<T, V, S>(t, 4.22358073620797804e-10, -4.02322897659407251e-11, 2.32535174928258175e-12, -6.15388798984806399e-14)))));
        V large = S.Subtract(one, ExpInRange<T, V, S>(g)), small = S.Fma(a, p, a);
        return S.Or(S.Select(S.Less(a, Pick<T, V, S>(0.92, 1)), small, large), S.And(x, SignBit<T, V, S>()));
    }

    /// <summary>
    /// The Gaussian error linear unit x Φ(x) = x/2 (1 + erf(x/√2)) (Hendrycks and Gimpel 2016). Absolute accuracy where it vanishes
    /// to the left; −0 at −∞.
    /// </summary>
    [MethodImpl(Inline)]
    public static V Gelu<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V half = S.Multiply(S.Clamp(x, S.Constant(-40), S.Constant(double.PositiveInfinity)), S.Constant(0.5));
        return S.Multiply(half, S.Add(S.Constant(1), Erf<T, V, S>(S.Multiply(x, S.Constant(0.70710678118654752)))));
    }

    /// <summary>The GELU's tanh form x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))), which is x · sigmoid of twice that argument; −0 at −∞.</summary>
    [MethodImpl(Inline)]
    public static V GeluTanh<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V a = S.Clamp(x, S.Constant(-40), S.Constant(double.PositiveInfinity)), z = S.Multiply(a, a);
        V u = S.Multiply(a, S.Fma(z, S.Constant(0.0713548162726009), S.Constant(1.5957691216057308)));
        return S.Multiply(a, Sigmoid<T, V, S>(u));
    }
}
