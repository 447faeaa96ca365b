using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

public static partial class VectorMath
{
    /// <summary>
    /// Two independent standard normal numbers from two uniform ones, 0 &lt; u1 ≤ 1 and 0 ≤ u2 ≤ 1 (Box and Muller 1958):
    /// √(−2 ln u1) times the cosine (returned) and the sine (<paramref name="z1"/>) of u2 turns.
    /// </summary>
    /// <remarks>Only +, −, ·, /, √, fused multiply-add and bit moves, each rounded as IEEE 754 says: the same bits on every accelerator.</remarks>
    [MethodImpl(Inline)]
    public static V Normal2<T, V, S>(V u1, V u2, out V z1) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V radius = S.Sqrt(S.Multiply(S.Constant(-2), Log<T, V, S>(u1)));

        // u2 = k/4 + t with |t| ≤ 1/8, exactly; the angle inside the quarter is 2π t.
        V magic = Pick<T, V, S>(12582912, 6755399441055744), k = S.Fma(u2, S.Constant(4), magic);
        V t = S.Fma(S.Subtract(k, magic), S.Constant(-0.25), u2), r = S.Multiply(t, S.Constant(6.2831853071795865)), z = S.Multiply(r, r);
        V sin = SinQuarter<T, V, S>(r, z), cos = CosQuarter<T, V, S>(z);
        z1 = S.Multiply(radius, SinOfQuarters<T, V, S>(k, sin, cos));
        return S.Multiply(radius, SinOfQuarters<T, V, S>(S.Add(k, S.Constant(1)), sin, cos));
    }
}
