using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The gated recurrent unit (Cho et al. 2014), with the reset gate after the product: r = σ(xᵣ + uᵣ), z = σ(x_z + u_z), n = tanh(xₙ + r uₙ),
/// h ← (1 − z) n + z h.
/// </summary>
public readonly struct GruStep : IRecurrentStep
{
    public static string Name => "GruRecurrence";
    public static int Gates => 3;
    public static int Kept => 4;
    public static bool HasCell => false;
    public static bool IsSplit => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<T, V, S>(in Quad<V> x, in Quad<V> u, V h, ref V c, out Quad<V> kept)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V r = VectorMath.Sigmoid<T, V, S>(S.Add(x.A, u.A)), z = VectorMath.Sigmoid<T, V, S>(S.Add(x.B, u.B));
        V n = VectorMath.Tanh<T, V, S>(S.Fma(r, u.C, x.C));
        kept = new(r, z, n, u.C);
        return S.Fma(z, S.Subtract(h, n), n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Backward<T, V, S>(in Quad<V> kept, in RecurrentStates<V> step, ref V dc, out Quad<V> dx, out Quad<V> du)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V r = kept.A, z = kept.B, n = kept.C, u = kept.D, passed = S.Multiply(step.G, z);
        V dn = S.Multiply(S.Subtract(step.G, passed), Slopes<T, V, S>.OfTanh(n));
        V dz = S.Multiply(S.Multiply(step.G, S.Subtract(step.H, n)), Slopes<T, V, S>.OfSigmoid(z));
        V dr = S.Multiply(S.Multiply(dn, u), Slopes<T, V, S>.OfSigmoid(r));
        dx = new(dr, dz, dn, dn);
        du = new(dr, dz, S.Multiply(dn, r), dn);
        return passed;
    }
}
