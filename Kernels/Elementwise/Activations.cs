using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>y = max(x, 0); NaN stays.</summary>
public readonly struct Relu : IUnaryKernel
{
    public static string Name => "ReLU";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Max(x, S.Constant(0));
}

/// <summary>The backward pass of ReLU: dx = g where y &gt; 0, else 0.</summary>
public readonly struct ReluGradient : IBinaryKernel
{
    public static string Name => nameof(ReluGradient);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V g, V y) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.And(S.Less(S.Constant(0), y), g);
}

/// <summary>y = x where x &gt; 0, else slope · x; with a learnt slope it is PReLU.</summary>
public readonly struct LeakyRelu : IBinaryKernel
{
    public static string Name => nameof(LeakyRelu);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x, V slope) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Select(S.Less(S.Constant(0), x), x, S.Multiply(x, slope));
}

/// <summary>The derivative of LeakyReLU: 1 where x &gt; 0, else slope.</summary>
public readonly struct LeakySlope : IBinaryKernel
{
    public static string Name => nameof(LeakySlope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x, V slope) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Select(S.Less(S.Constant(0), x), S.Constant(1), slope);
}

/// <summary>y = x where x &gt; 0, else α(eˣ − 1) (Clevert et al. 2016).</summary>
public readonly struct Elu : IBinaryKernel
{
    public static string Name => nameof(Elu);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x, V alpha) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Select(S.Less(S.Constant(0), x), x, S.Multiply(alpha, VectorMath.Expm1<T, V, S>(x)));
}

/// <summary>The derivative of ELU from its result: 1 where y &gt; 0, else y + α.</summary>
public readonly struct EluSlope : IBinaryKernel
{
    public static string Name => nameof(EluSlope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V y, V alpha) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Select(S.Less(S.Constant(0), y), S.Constant(1), S.Add(y, alpha));
}

/// <summary>y = 1/(1 + e⁻ˣ).</summary>
public readonly struct Sigmoid : IUnaryKernel
{
    public static string Name => nameof(Sigmoid);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Sigmoid<T, V, S>(x);
}

/// <summary>The backward pass of the sigmoid: dx = g · y(1 − y).</summary>
public readonly struct SigmoidGradient : IBinaryKernel
{
    public static string Name => nameof(SigmoidGradient);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V g, V y) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Multiply(g, S.Multiply(y, S.Subtract(S.Constant(1), y)));
}

/// <summary>y = tanh x.</summary>
public readonly struct Tanh : IUnaryKernel
{
    public static string Name => nameof(Tanh);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Tanh<T, V, S>(x);
}

/// <summary>The backward pass of tanh: dx = g · (1 − y²).</summary>
public readonly struct TanhGradient : IBinaryKernel
{
    public static string Name => nameof(TanhGradient);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V g, V y) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Multiply(g, S.Fma(S.Negate(y), y, S.Constant(1)));
}

/// <summary>y = ln(1 + eˣ), without overflow.</summary>
public readonly struct Softplus : IUnaryKernel
{
    public static string Name => nameof(Softplus);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Softplus<T, V, S>(x);
}

/// <summary>y = x · Φ(x), Φ the normal distribution function (Hendrycks and Gimpel 2016).</summary>
public readonly struct Gelu : IUnaryKernel
{
    public static string Name => "GELU";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Gelu<T, V, S>(x);
}

/// <summary>The backward pass of GELU: dx = g · (Φ(x) + x φ(x)).</summary>
public readonly struct GeluGradient : IBinaryKernel
{
    public static string Name => nameof(GeluGradient);

    /// <summary>φ(x) = e^(−x²/2)/√(2π).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Density<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Multiply(S.Constant(0.39894228040143267794), VectorMath.Exp<T, V, S>(S.Multiply(S.Constant(-0.5), S.Multiply(x, x))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V g, V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Multiply(g, S.Fma(x, Density<T, V, S>(x), S.Multiply(S.Constant(0.5), VectorMath.Erfc<T, V, S>(S.Multiply(x, S.Constant(-0.70710678118654752440))))));
}

/// <summary>y = x/2 · (1 + tanh(√(2/π)(x + 0.044715 x³))): GELU as first approximated.</summary>
public readonly struct GeluTanh : IUnaryKernel
{
    public static string Name => "GELUTanh";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.GeluTanh<T, V, S>(x);
}

/// <summary>y = x · sigmoid(x), also called swish (Ramachandran et al. 2017).</summary>
public readonly struct Silu : IUnaryKernel
{
    public static string Name => "SiLU";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Multiply(x, VectorMath.Sigmoid<T, V, S>(x));
}
