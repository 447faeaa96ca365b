using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>eᵗ (t − x): a class's term of the divergence of x = ln q from t = ln p; 0 where p = 0.</summary>
public readonly struct DivergenceTerm : ILossKernel
{
    public static string Name => nameof(DivergenceTerm);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V p = VectorMath.Exp<T, V, S>(t);
        return S.AndNot(S.Multiply(p, S.Subtract(t, x)), S.Equal(p, S.Constant(0)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Negate(VectorMath.Exp<T, V, S>(t));
}

/// <summary>(x² + eᵗ − 1 − t) / 2: the divergence of the normal distribution with mean x and log-variance t from the standard one (Kingma and Welling 2014).</summary>
public readonly struct NormalDivergence : ILossKernel
{
    public static string Name => nameof(NormalDivergence);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Multiply(S.Constant(0.5), S.Fma(x, x, S.Subtract(VectorMath.Expm1<T, V, S>(t), t)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => x;
}
