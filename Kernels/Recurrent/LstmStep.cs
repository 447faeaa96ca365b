using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000): c ← σ(f) c + σ(i) tanh(g), h = σ(o) tanh(c), with
/// i, f, g, o = x + u.
/// </summary>
public readonly struct LstmStep : IRecurrentStep
{
    public static string Name => "LstmRecurrence";
    public static int Gates => 4;
    public static int Kept => 4;
    public static bool HasCell => true;
    public static bool IsSplit => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<T, V, S>(in Quad<V> x, in Quad<V> u, V h, ref V c, out Quad<V> kept)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V i = VectorMath.Sigmoid<T, V, S>(S.Add(x.A, u.A)), f = VectorMath.Sigmoid<T, V, S>(S.Add(x.B, u.B));
        V g = VectorMath.Tanh<T, V, S>(S.Add(x.C, u.C)), o = VectorMath.Sigmoid<T, V, S>(S.Add(x.D, u.D));
        kept = new(i, f, g, o);
        c = S.Fma(f, c, S.Multiply(i, g));
        return S.Multiply(o, VectorMath.Tanh<T, V, S>(c));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Backward<T, V, S>(in Quad<V> kept, in RecurrentStates<V> step, ref V dc, out Quad<V> dx, out Quad<V> du)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        // tanh(c) is computed again: cheaper than the memory for it.
        V i = kept.A, f = kept.B, g = kept.C, o = kept.D, t = VectorMath.Tanh<T, V, S>(step.CAfter);
        V all = S.Fma(S.Multiply(step.G, o), Slopes<T, V, S>.OfTanh(t), dc);
        dx = du = new(
            S.Multiply(S.Multiply(all, g), Slopes<T, V, S>.OfSigmoid(i)),
            S.Multiply(S.Multiply(all, step.CBefore), Slopes<T, V, S>.OfSigmoid(f)),
            S.Multiply(S.Multiply(all, i), Slopes<T, V, S>.OfTanh(g)),
            S.Multiply(S.Multiply(step.G, t), Slopes<T, V, S>.OfSigmoid(o)));
        dc = S.Multiply(all, f);
        return S.Constant(0);
    }
}
