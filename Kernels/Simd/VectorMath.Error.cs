using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

public static partial class VectorMath
{
    /// <summary>The error function 2/√π ∫₀ˣ e^−t² dt. ±0 at ±0, ±1 at ±∞.</summary>
    [MethodImpl(Inline)]
    public static V Erf<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // From the upper bound on, erf rounds to 1.
        V a = S.Clamp(S.Abs(x), S.Constant(-1), Pick<T, V, S>(3.94, 5.94)), one = S.Constant(1), t = S.Subtract(a, one);

        // erf a = 1 − exp G(a − 1), G = ln erfc, up to the bound (float 2⁻²⁶·², double 2⁻⁵⁷ of erf).
        V g = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(t, -1.84960556, -2.638967752, -0.843108654, -0.04153734446,
                Polynomial<T, V, S>(t, 0.009949887171, -0.001867589192, 0.0001959356305))
            : Polynomial<T, V, S>(t, -1.84960550993324824, -2.63896751423478593, -0.843107256358836432, -0.0415610980380505257,
                Polynomial<T, V, S>(t, 0.0100338253303351825, -0.00197790226709073725, 0.000237321176080498923, 0.0000262816790338038367,
                Polynomial<T, V, S>(t, -0.0000271668151501961531, 9.61994902642507816e-6, -2.07105476827059716e-6, 1.5097117816024248e-7,
                Polynomial<T, V, S>(t, 9.36623467140772358e-8, -5.09916407413157729e-8, 1.49181774947247949e-8, -2.99363378265167636e-9,
                Polynomial<T, V, S>(t, 4.22358073620797804e-10, -4.02322897659407251e-11, 2.32535174928258175e-12, -6.15388798984806399e-14)))));
        V large = S.Subtract(one, ExpNormal<T, V, S>(g));
        return S.Or(S.Select(S.Less(a, Pick<T, V, S>(0.92, 1)), ErfNearZero<T, V, S>(a), large), S.And(x, SignBit<T, V, S>()));
    }

    /// <summary>1 − erf x with full relative accuracy where it is tiny, subnormal results included. 2 at −∞, 0 at +∞.</summary>
    [MethodImpl(Inline)]
    public static V Erfc<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        // For a ≥ 0: erfc a = e^−a² F(q) / (1 + 2a), q = (a − K) / (a + K); K = 2, float 2⁻²⁵·¹; K = 4, double 2⁻⁵⁴.
        V a = S.Clamp(S.Abs(x), S.Constant(-1), Pick<T, V, S>(10.2, 27.4)), one = S.Constant(1), k = Pick<T, V, S>(2, 4);
        V q = S.Divide(S.Subtract(a, k), S.Add(a, k));
        V f = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(q, 1.276978374, -0.09276389331, -0.1660313904, 0.1640530974,
                Polynomial<T, V, S>(q, -0.05420485884, -0.008044012822, 0.008637554012, 0.001271202578,
                Polynomial<T, V, S>(q, -0.001253064373, -0.0003620127973, 2.775805115e-5)))
            : Polynomial<T, V, S>(q, 1.23299511862555256, -0.139621116840562526, 0.0153796521026196547, 0.0680970542546954355,
                Polynomial<T, V, S>(q, -0.101039066036299655, 0.0937328349982512188, -0.0663303658123169382, 0.0371675155390841713,
                Polynomial<T, V, S>(q, -0.0161977340566812136, 0.00503196996367248888, -0.000757773296429203229, -0.000199256617431845293,
                Polynomial<T, V, S>(q, 0.000150621714465587746, -0.0000243994753234336532, -0.0000112221709645388841, 5.71027985389158589e-6,
                Polynomial<T, V, S>(q, 2.9417342568342221e-7, -8.26089143553229957e-7, 7.40411999399777021e-8, 1.10425043891245997e-7,
                Polynomial<T, V, S>(q, -1.73854539906367181e-8, -1.40876138630839876e-8, 1.63839367231815958e-9, 1.18698565634126409e-9))))));

        // The square's rounding error joins the exponent.
        V square = S.Multiply(a, a), tail = S.Fma(a, a, S.Negate(square));
        V p = Expm1Reduced<T, V, S>(ReduceExp<T, V, S>(S.Negate(square), S.Negate(tail), out V n)), g = S.Divide(f, S.Fma(S.Constant(2), a, one));
        V y = S.Scale(S.Fma(g, p, g), n);
        y = S.Select(S.Less(x, S.Constant(0)), S.Subtract(S.Constant(2), y), y);
        return S.Select(S.Less(a, S.Constant(0.5)), S.Subtract(one, ErfNearZero<T, V, S>(x)), y);
    }

    /// <summary>
    /// The Gaussian error linear unit x Φ(x) = x/2 (1 + erf(x/√2)) (Hendrycks and Gimpel 2016). Absolute accuracy where it vanishes
    /// to the left; −0 at −∞.
    /// </summary>
    [MethodImpl(Inline)]
    public static V Gelu<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        if (typeof(T) == typeof(float)) return GeluSingle<T, V, S>(x);
        V half = S.Multiply(S.Clamp(x, S.Constant(-40), S.Constant(double.PositiveInfinity)), S.Constant(0.5));
        return S.Multiply(half, S.Add(S.Constant(1), Erf<T, V, S>(S.Multiply(x, S.Constant(0.70710678118654752)))));
    }

    /// <summary>max(x, 0) − a Φ(−a) with a = |x| and Φ(−a) = exp H(a): one polynomial for all of the axis, 2⁻²⁹·⁸ of 1 up to the bound, where Φ is cut off at 2·10⁻⁸.</summary>
    [MethodImpl(Inline)]
    private static V GeluSingle<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V bound = S.Constant(5.8), a = S.Clamp(S.Abs(x), S.Constant(-1), bound);
        V h = Polynomial<T, V, S>(a, -0.6931471784, -0.7978847359, -0.3183076275, -0.03634635972,
            Polynomial<T, V, S>(a, 0.004806514861, 8.304007152e-6, Polynomial<T, V, S>(a, -0.0001959514015, 5.160671683e-5, -6.56601402e-6, 3.513178536e-7)));
        V tail = S.AndNot(ExpNormal<T, V, S>(h), S.LessOrEqual(bound, a));
        return S.Fma(S.Negate(a), tail, S.Clamp(x, S.Constant(-0.0), S.Constant(double.PositiveInfinity)));
    }

    /// <summary>The GELU's tanh form x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))), which is x · sigmoid of twice that argument; −0 at −∞.</summary>
    [MethodImpl(Inline)]
    public static V GeluTanh<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V a = S.Clamp(x, S.Constant(-40), S.Constant(double.PositiveInfinity)), z = S.Multiply(a, a);
        V u = S.Multiply(a, S.Fma(z, S.Constant(0.0713548162726009), S.Constant(1.5957691216057308)));
        return S.Multiply(a, Sigmoid<T, V, S>(u));
    }

    /// <summary>erf x = x + x P(x²) for |x| &lt; 0.92 (float, 2⁻²⁶·⁴) or |x| ≤ 1 (double, 2⁻⁵⁶·⁴).</summary>
    [MethodImpl(Inline)]
    private static V ErfNearZero<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V z = S.Multiply(x, x);
        V p = typeof(T) == typeof(float)
            ? Polynomial<T, V, S>(z, 0.1283791661, -0.376126349, 0.1128369719, -0.02685949765,
                Polynomial<T, V, S>(z, 0.005201280117, -0.0008145519532, 8.382028318e-5))
            : Polynomial<T, V, S>(z, 0.128379167095512559, -0.376126389031834374, 0.112837916709419103, -0.0268661706428318693,
                Polynomial<T, V, S>(z, 0.00522397760423004391, -0.000854832585168533343, 0.000120552915301650561, -0.0000149246769415100779,
                Polynomial<T, V, S>(z, 1.64467332533036446e-6, -1.62034959243080554e-7, 1.36996149605937029e-8, -7.75953252487801419e-10)));
        return S.Fma(x, p, x);
    }
}
