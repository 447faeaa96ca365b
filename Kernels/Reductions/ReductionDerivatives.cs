using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>y = 1 where a = b, else 0: marks the elements that attain an extreme.</summary>
public readonly struct EqualityMask : IBinaryKernel
{
    public static string Name => nameof(EqualityMask);
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.And(S.Equal(a, b), S.Constant(1));
}

/// <summary>y = a / b, and 0 where b = 0: the direction of a vector, which has none at 0.</summary>
public readonly struct SafeDivide : IBinaryKernel
{
    public static string Name => nameof(SafeDivide);
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.AndNot(S.Divide(a, b), S.Equal(b, S.Constant(0)));
}

/// <summary>y = eᵃ⁻ᵇ; with b = ln Σ eᵃ the weight of a in the sum.</summary>
public readonly struct ExpDifference : IBinaryKernel
{
    public static string Name => nameof(ExpDifference);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Exp<T, V, S>(S.Subtract(a, b));
}
