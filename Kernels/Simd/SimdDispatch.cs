using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Gradwright.Kernels;

/// <summary>A computation that runs in whichever vector shape it is handed: implemented by argument structs.</summary>
public interface ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    void Run<V, S>() where V : struct where S : struct, ISimd<T, V>;
}

/// <summary>Chooses the widest vector shape that the machine runs in hardware. The JIT folds the choice away.</summary>
public static class SimdDispatch
{
    /// <summary>Width in use, in bits: 512, 256, 128, or 0 for scalar code.</summary>
    public static int Bits
        => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<T, TAction>(ref TAction action)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TAction : struct, ISimdAction<T>
    {
        if (Vector512.IsHardwareAccelerated) action.Run<Vector512<T>, Simd512<T>>();
        else if (Vector256.IsHardwareAccelerated) action.Run<Vector256<T>, Simd256<T>>();
        else if (Vector128.IsHardwareAccelerated) action.Run<Vector128<T>, Simd128<T>>();
        else action.Run<T, SimdScalar<T>>();
    }
}
