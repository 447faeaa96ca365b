using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>Masks and lane-wise folds that every vector shape shares.</summary>
internal static unsafe class LaneMask
{
    private static ReadOnlySpan<byte> Ones =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    ];

    /// <summary>The mask of lanes 0..n−1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V First<T, V, S>(int n) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        => S.LoadPart((T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Ones)), n); // constant data of the assembly never moves
}
