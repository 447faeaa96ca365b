using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>y = −1, 0 or 1; ±0 and NaN stay.</summary>
public readonly struct Sign : IUnaryKernel
{
    public static string Name => nameof(Sign);
    public static bool OnIntegers => true;
    public static T ApplyInteger<T>(T x) where T : INumber<T> => T.CreateTruncating(T.Sign(x));
    public static string IntegerSource => "a > 0 ? 1 : a < 0 ? -1 : 0";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Sign<T, V, S>(x);
}

/// <summary>The largest integer not above x.</summary>
public readonly struct Floor : IUnaryKernel
{
    public static string Name => nameof(Floor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Floor(x);
}

/// <summary>The smallest integer not below x.</summary>
public readonly struct Ceiling : IUnaryKernel
{
    public static string Name => nameof(Ceiling);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Ceiling(x);
}

/// <summary>The integer part of x, towards 0.</summary>
public readonly struct Truncate : IUnaryKernel
{
    public static string Name => nameof(Truncate);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Truncate(x);
}

/// <summary>The nearest integer, halves to even.</summary>
public readonly struct Round : IUnaryKernel
{
    public static string Name => nameof(Round);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Round(x);
}

/// <summary>y = a − b · ⌊a/b⌋: takes the sign of b.</summary>
public readonly struct Remainder : IBinaryKernel
{
    public static string Name => nameof(Remainder);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Subtract(a, S.Multiply(b, S.Floor(S.Divide(a, b))));
}

/// <summary>How much of max(a, b) is a: 1 where a > b, ½ where they are equal, else 0. Piecewise constant.</summary>
public readonly struct Share : IBinaryKernel
{
    public static string Name => nameof(Share);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Select(S.Less(b, a), S.Constant(1), S.And(S.Equal(a, b), S.Constant(0.5)));
}
