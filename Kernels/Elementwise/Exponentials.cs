using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>y = eˣ; +∞ above 88.7 (Float32), 709.8 (Float64).</summary>
public readonly struct Exp : IUnaryKernel
{
    public static string Name => nameof(Exp);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Exp<T, V, S>(x);
}

/// <summary>y = eˣ − 1, exact near 0.</summary>
public readonly struct Expm1 : IUnaryKernel
{
    public static string Name => nameof(Expm1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Expm1<T, V, S>(x);
}

/// <summary>y = ln x; −∞ at 0, NaN below.</summary>
public readonly struct Log : IUnaryKernel
{
    public static string Name => nameof(Log);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Log<T, V, S>(x);
}

/// <summary>y = ln(1 + x), exact near 0; −∞ at −1, NaN below.</summary>
public readonly struct Log1p : IUnaryKernel
{
    public static string Name => nameof(Log1p);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Log1p<T, V, S>(x);
}

/// <summary>y = aᵇ, with the special cases of IEEE 754 pow.</summary>
public readonly struct Power : IBinaryKernel
{
    public static string Name => nameof(Power);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Pow<T, V, S>(a, b);
}

/// <summary>y = a · ln b, and 0 where a = 0: the term of an entropy.</summary>
public readonly struct XLogY : IBinaryKernel
{
    public static string Name => nameof(XLogY);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Select(S.Equal(a, S.Constant(0)), S.Select(S.IsNaN(b), b, S.Constant(0)), S.Multiply(a, VectorMath.Log<T, V, S>(b)));
}
