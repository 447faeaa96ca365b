using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>y = x · sigmoid(βx): with a fixed or a learnt β (Ramachandran et al. 2017).</summary>
public readonly struct Swish : IBinaryKernel
{
    public static string Name => nameof(Swish);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x, V beta) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Multiply(x, VectorMath.Sigmoid<T, V, S>(S.Multiply(beta, x)));
}

/// <summary>The derivative of swish by x: s(1 + βx(1 − s)) with s = sigmoid(βx).</summary>
public readonly struct SwishSlope : IBinaryKernel
{
    public static string Name => nameof(SwishSlope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x, V beta) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V u = S.Multiply(beta, x), s = VectorMath.Sigmoid<T, V, S>(u);
        return S.Multiply(s, S.MultiplyAdd(u, S.Subtract(S.Constant(1), s), S.Constant(1)));
    }
}

/// <summary>The derivative of swish by β: x² s(1 − s) with s = sigmoid(βx).</summary>
public readonly struct SwishBetaSlope : IBinaryKernel
{
    public static string Name => nameof(SwishBetaSlope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x, V beta) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V s = VectorMath.Sigmoid<T, V, S>(S.Multiply(beta, x));
        return S.Multiply(x, S.Multiply(x, S.Multiply(s, S.Subtract(S.Constant(1), s))));
    }
}

/// <summary>y = x/6 + ½, limited to [0, 1]: the sigmoid of three straight lines.</summary>
public readonly struct HardSigmoid : IUnaryKernel
{
    public static string Name => nameof(HardSigmoid);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Min(S.Max(S.MultiplyAdd(x, S.Constant(1.0 / 6), S.Constant(0.5)), S.Constant(0)), S.Constant(1));
}

/// <summary>The backward pass of the hard sigmoid: dx = g/6 where |x| &lt; 3, else 0. From x, since a result just below 1 rounds to 1 in 16 bits.</summary>
public readonly struct HardSigmoidGradient : IBinaryKernel
{
    public static string Name => nameof(HardSigmoidGradient);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V g, V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.And(S.And(S.Less(S.Constant(-3), x), S.Less(x, S.Constant(3))), S.Multiply(g, S.Constant(1.0 / 6)));
}

/// <summary>y = x · hardsigmoid(x) (Howard et al. 2019).</summary>
public readonly struct HardSwish : IUnaryKernel
{
    public static string Name => nameof(HardSwish);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Multiply(x, HardSigmoid.Apply<T, V, S>(x));
}

/// <summary>The backward pass of the hard swish: dx = 0 below −3, g above 3, g(x/3 + ½) between.</summary>
public readonly struct HardSwishGradient : IBinaryKernel
{
    public static string Name => nameof(HardSwishGradient);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V g, V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V slope = S.Select(S.Less(S.Constant(3), x), S.Constant(1), S.MultiplyAdd(x, S.Constant(1.0 / 3), S.Constant(0.5)));
        return S.Multiply(g, S.Select(S.Less(x, S.Constant(-3)), S.Constant(0), slope));
    }
}

/// <summary>y = x · tanh(ln(1 + eˣ)) (Misra 2019), as x n/(n + 2) with n = eˣ(eˣ + 2).</summary>
public readonly struct Mish : IUnaryKernel
{
    internal const double Linear = 20;      // from here on n/(n + 2) rounds to 1

    public static string Name => nameof(Mish);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V e = Exponential<T, V, S>(x), n = S.Multiply(e, S.Add(e, S.Constant(2)));
        return S.Multiply(x, S.Divide(n, S.Add(n, S.Constant(2))));
    }

    /// <summary>eˣ, held where the function has become x itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Exponential<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Exp<T, V, S>(S.Min(x, S.Constant(Linear)));
}

/// <summary>The backward pass of mish: dx = g (t + x (1 − t²) s) with t = tanh(ln(1 + eˣ)) and s = sigmoid(x).</summary>
public readonly struct MishGradient : IBinaryKernel
{
    public static string Name => nameof(MishGradient);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V g, V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        // (1 − t²) s = 4 eˣ(1 + eˣ)/(n + 2)².
        V e = Mish.Exponential<T, V, S>(x), n = S.Multiply(e, S.Add(e, S.Constant(2))), d = S.Add(n, S.Constant(2));
        V bend = S.Divide(S.Multiply(S.Multiply(S.Constant(4), e), S.Add(e, S.Constant(1))), S.Multiply(d, d));
        bend = S.Select(S.Less(S.Constant(Mish.Linear), x), S.Constant(0), bend);
        return S.Multiply(g, S.MultiplyAdd(x, bend, S.Divide(n, d)));
    }
}

/// <summary>The backward pass of the approximated GELU: dx = g (½(1 + t) + ½x(1 − t²) u′) with u = √(2/π)(x + 0.044715 x³) and t = tanh u.</summary>
public readonly struct GeluTanhGradient : IBinaryKernel
{
    public static string Name => nameof(GeluTanhGradient);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V g, V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        // Beyond ±10 t is ±1 and the bend is 0; x³ must not overflow there.
        x = S.Clamp(x, S.Constant(-10), S.Constant(10));
        V square = S.Multiply(x, x), k = S.Constant(0.79788456080286535588);
        V t = VectorMath.Tanh<T, V, S>(S.Multiply(S.Multiply(k, x), S.MultiplyAdd(S.Constant(0.044715), square, S.Constant(1))));
        V slope = S.Multiply(k, S.MultiplyAdd(S.Constant(3 * 0.044715), square, S.Constant(1)));
        V bend = S.Multiply(S.Multiply(x, slope), S.Multiply(S.Add(S.Constant(1), t), S.Subtract(S.Constant(1), t)));
        return S.Multiply(S.Multiply(S.Constant(0.5), g), S.Add(S.Add(S.Constant(1), t), bend));
    }
}
