using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>What a tile reads along one side, and the points it becomes: the image's overlapping tiles, or those of the result's gradient.</summary>
internal unsafe interface IWinogradReading
{
    /// <summary>Pixels from one tile to the next.</summary>
    static abstract int Size { get; }

    /// <summary>Pixels that a tile reads.</summary>
    static abstract int Reads { get; }

    /// <summary>Those pixels → <see cref="Size"/> + 2 points.</summary>
    static abstract void Transform<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;
}

/// <summary>The image, m + 2 pixels per tile.</summary>
internal readonly unsafe struct ImageReading<TTile> : IWinogradReading where TTile : struct, IWinogradTile
{
    public static int Size => TTile.Size;

    public static int Reads => TTile.Size + 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transform<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => TTile.Image<T, V, S>(from, step, to, stepTo);
}

/// <summary>The result's gradient, m pixels per tile.</summary>
internal readonly unsafe struct GradientReading<TTile> : IWinogradReading where TTile : struct, IWinogradTile
{
    public static int Size => TTile.Size;

    public static int Reads => TTile.Size;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transform<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => TTile.ResultGradient<T, V, S>(from, step, to, stepTo);
}
