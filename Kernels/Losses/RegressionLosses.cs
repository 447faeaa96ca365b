using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>|x − t|.</summary>
public readonly struct AbsoluteError : ILossKernel
{
    public static string Name => nameof(AbsoluteError);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Abs(S.Subtract(x, t));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Sign<T, V, S>(S.Subtract(x, t));
}

/// <summary>(x − t)².</summary>
public readonly struct SquaredError : ILossKernel
{
    public static string Name => nameof(SquaredError);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V d = S.Subtract(x, t);
        return S.Multiply(d, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V d = S.Subtract(x, t);
        return S.Add(d, d);
    }
}

/// <summary>With d = x − t: d²/2 up to |d| = c, then c (|d| − c/2) (Huber 1964).</summary>
public readonly struct HuberError : ILossKernel
{
    public static string Name => nameof(HuberError);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V d = S.Abs(S.Subtract(x, t)), half = S.Constant(0.5);
        return S.Select(S.LessOrEqual(d, c), S.Multiply(half, S.Multiply(d, d)), S.Multiply(c, S.Subtract(d, S.Multiply(half, c))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Clamp(S.Subtract(x, t), S.Negate(c), c);
}

/// <summary>max(0, |x − t| − c): errors up to c cost nothing (Vapnik 1995).</summary>
public readonly struct InsensitiveError : ILossKernel
{
    public static string Name => nameof(InsensitiveError);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Max(S.Subtract(S.Abs(S.Subtract(x, t)), c), S.Constant(0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V d = S.Subtract(x, t);
        return S.AndNot(VectorMath.Sign<T, V, S>(d), S.LessOrEqual(S.Abs(d), c));
    }
}

/// <summary>max(0, |x − t| − c)².</summary>
public readonly struct SquaredInsensitiveError : ILossKernel
{
    public static string Name => nameof(SquaredInsensitiveError);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V beyond = InsensitiveError.Value<T, V, S>(x, t, c);
        return S.Multiply(beyond, beyond);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V beyond = InsensitiveError.Value<T, V, S>(x, t, c);
        return S.Multiply(S.Add(beyond, beyond), VectorMath.Sign<T, V, S>(S.Subtract(x, t)));
    }
}
