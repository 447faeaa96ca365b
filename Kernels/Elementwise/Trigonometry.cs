using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>y = sin x, x in radians; NaN at ±∞.</summary>
public readonly struct Sine : IUnaryKernel
{
    public static string Name => "Sin";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Sin<T, V, S>(x);
}

/// <summary>y = cos x, x in radians; NaN at ±∞.</summary>
public readonly struct Cosine : IUnaryKernel
{
    public static string Name => "Cos";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Cos<T, V, S>(x);
}

/// <summary>y = tan x, x in radians; NaN at ±∞.</summary>
public readonly struct Tangent : IUnaryKernel
{
    public static string Name => "Tan";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Tan<T, V, S>(x);
}

/// <summary>y = arcsin x in radians; NaN outside ±1.</summary>
public readonly struct ArcSine : IUnaryKernel
{
    public static string Name => "Asin";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Asin<T, V, S>(x);
}

/// <summary>y = arccos x in radians; NaN outside ±1.</summary>
public readonly struct ArcCosine : IUnaryKernel
{
    public static string Name => "Acos";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Acos<T, V, S>(x);
}

/// <summary>y = arctan x in radians.</summary>
public readonly struct ArcTangent : IUnaryKernel
{
    public static string Name => "Atan";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Atan<T, V, S>(x);
}

/// <summary>y = erf x = 2/√π · ∫₀ˣ e^(−t²) dt.</summary>
public readonly struct Erf : IUnaryKernel
{
    public static string Name => nameof(Erf);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Erf<T, V, S>(x);
}
