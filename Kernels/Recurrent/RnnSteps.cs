using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>h = tanh(x + u) (Elman 1990).</summary>
public readonly struct TanhStep : IRecurrentStep
{
    public static string Name => "TanhRecurrence";
    public static int Gates => 1;
    public static int Kept => 0;
    public static bool HasCell => false;
    public static bool IsSplit => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<T, V, S>(in Quad<V> x, in Quad<V> u, V h, ref V c, out Quad<V> kept)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        kept = default;
        return VectorMath.Tanh<T, V, S>(S.Add(x.A, u.A));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Backward<T, V, S>(in Quad<V> kept, in RecurrentStates<V> step, ref V dc, out Quad<V> dx, out Quad<V> du)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        dx = du = new() { A = S.Multiply(step.G, Slopes<T, V, S>.OfTanh(step.Y)) };
        return S.Constant(0);
    }
}

/// <summary>h = max(x + u, 0).</summary>
public readonly struct ReluStep : IRecurrentStep
{
    public static string Name => "ReluRecurrence";
    public static int Gates => 1;
    public static int Kept => 0;
    public static bool HasCell => false;
    public static bool IsSplit => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<T, V, S>(in Quad<V> x, in Quad<V> u, V h, ref V c, out Quad<V> kept)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        kept = default;
        return Relu.Apply<T, V, S>(S.Add(x.A, u.A));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Backward<T, V, S>(in Quad<V> kept, in RecurrentStates<V> step, ref V dc, out Quad<V> dx, out Quad<V> du)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        dx = du = new() { A = ReluGradient.Apply<T, V, S>(step.G, step.Y) };
        return S.Constant(0);
    }
}

/// <summary>Derivatives of squashing functions from their results.</summary>
internal static class Slopes<T, V, S> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>1 − y².</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OfTanh(V y) => S.Fma(S.Negate(y), y, S.Constant(1));

    /// <summary>y (1 − y).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OfSigmoid(V y) => S.Multiply(y, S.Subtract(S.Constant(1), y));
}
