using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>How a convolution is computed on the processor.</summary>
internal enum ConvolutionMethod : byte
{
    /// <summary>Columns gathered strip by strip, and matrix products: <see cref="ConvolutionColumns{T, V, S}"/>. Any convolution.</summary>
    Columns,

    /// <summary>Directly from the planes, for filters that see one channel: <see cref="DepthwiseConvolution{T, V, S}"/>.</summary>
    Depthwise,

    /// <summary>Directly from the planes, for small groups and images of few channels: <see cref="DirectConvolution{T, V, S}"/>.</summary>
    Direct,

    /// <summary>All images in one product: <see cref="SmallMapConvolution{T, V, S}"/>.</summary>
    SmallMap,

    /// <summary>Along lines that are read where they lie: <see cref="LineConvolution{T, V, S}"/>.</summary>
    Lines,

    /// <summary>Winograd's algorithm on tiles of 2×2 pixels: <see cref="WinogradConvolution{T, V, S, TTile}"/>.</summary>
    Winograd2,

    /// <summary>The same on tiles of 4×4.</summary>
    Winograd4,
}

internal static class ConvolutionMethodExtensions
{
    /// <summary>Pixels along the side of a tile; 0 for methods without tiles.</summary>
    public static int Tile(this ConvolutionMethod method) => method switch { ConvolutionMethod.Winograd2 => 2, ConvolutionMethod.Winograd4 => 4, _ => 0 };

    /// <summary><see cref="IConvolutionPass.SharedElements"/> of the two passes that make images.</summary>
    public static long ImageElements(this ConvolutionMethod method, in ConvolutionShape p, bool reversed) => method switch
    {
        ConvolutionMethod.SmallMap => p.UsedCopy,
        ConvolutionMethod.Lines => LineConvolution.Elements(p.Directed(reversed)),
        ConvolutionMethod.Winograd2 or ConvolutionMethod.Winograd4 => WinogradPlan.ForImages(p.Directed(reversed), method.Tile()).SharedElements,
        _ => 0,
    };
}

/// <summary>One of the three passes of a convolution, by every method.</summary>
internal interface IConvolutionPass
{
    /// <summary>Elements of shared memory that a method needs beyond the operands.</summary>
    static abstract long SharedElements(in ConvolutionShape p, ConvolutionMethod method, int size);

    /// <summary>
    /// Whether Winograd's tiles of 4×4 round at most 1½ times as much as plain sums. What the transforms round off does not depend on the number of terms, but the errors of
    /// plain sums grow with it: so there must be enough of them.
    /// </summary>
    static abstract bool HasManyTerms(in ConvolutionShape p);

    /// <summary>Whether it pays to compute the pass directly, <see cref="DirectPlan.Fits"/>.</summary>
    static abstract bool IsDirect(in ConvolutionShape p, int size);

    static abstract void Columns<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    static abstract void Depthwise<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    static abstract void Direct<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    static abstract void SmallMap<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    static abstract void Lines<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    static abstract void Winograd<T, V, S, TTile>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TTile : struct, IWinogradTile;
}

/// <summary>Convolutions and their gradients on the processor: the choice of the method, and the way to it. What it depends on is the sizes, the type and the mode, never the threads.</summary>
internal static class CpuConvolution
{
    // More filters of one channel pay for its columns; larger planes leave L2.
    private const int MostDepthwiseFilters = 2, MostDepthwiseBytes = 256 << 10;

    // Pixels of a small map, and bytes of its columns: they stay in the cache, and in the thread's workspace.
    private const int MostSmallPixels = 12;
    private const long MostSmallBytes = 8 << 20;

    /// <summary>Computes a pass with the fastest method for <paramref name="p"/> that <see cref="ConvolutionAlgorithms.Current"/> allows.</summary>
    /// <param name="y">The result, for its type and accelerator.</param>
    /// <param name="p">The operands.</param>
    public static void Run<TPass>(Tensor y, ConvolutionArguments p) where TPass : struct, IConvolutionPass
        => Run<TPass>(y, p, MethodFor<TPass>(p.Shape, y.DType, ConvolutionAlgorithms.Current));

    /// <summary>The same by a given method, which must be able to compute it.</summary>
    public static void Run<TPass>(Tensor y, ConvolutionArguments p, ConvolutionMethod method) where TPass : struct, IConvolutionPass
    {
        using Tensor shared = Tensor.Empty([TPass.SharedElements(p.Shape, method, y.DType.Size)], y.DType, y.Accelerator);
        if (y.Accelerator is DryAccelerator) return;
        (p.Method, p.Shared) = (method, shared.Pointer);
        WindowDispatch.Run<Pass<TPass>, ConvolutionArguments>(y.DType, ref p);
    }

    /// <summary>The fastest method that the algorithm allows.</summary>
    public static ConvolutionMethod MethodFor<TPass>(in ConvolutionShape p, DType dtype, ConvolutionAlgorithm algorithm) where TPass : struct, IConvolutionPass
    {
        if (IsDepthwise(p, dtype.Size)) return ConvolutionMethod.Depthwise;
        if (dtype == DType.Float32 && WinogradChoice.For<TPass>(p, algorithm) is not ConvolutionMethod.Columns and var tiles) return tiles;
        if (IsSmallMap(p, dtype.Size)) return ConvolutionMethod.SmallMap;
        if (TPass.IsDirect(p, dtype.Size)) return ConvolutionMethod.Direct;
        return LineConvolution.Fits(p, dtype.Size) ? ConvolutionMethod.Lines : ConvolutionMethod.Columns;
    }

    private static bool IsDepthwise(in ConvolutionShape p, int size)
        => p.GroupChannels == 1 && p.GroupFilters <= MostDepthwiseFilters
            && (long)p.Depth.Size * p.Plane.RowsFor(p.Plane.OutputHeight) * p.Plane.RowLength * size <= MostDepthwiseBytes;

    private static bool IsSmallMap(in ConvolutionShape p, int size)
        => p.Groups == 1 && p.Images > 1 && p.OutputVolume <= MostSmallPixels && (long)p.Images * p.OutputVolume * p.Channels * p.Taps * size <= MostSmallBytes;

    private readonly struct Pass<TPass> : IWindowPass<ConvolutionArguments> where TPass : struct, IConvolutionPass
    {
        public static void Run<T, V, S>(ref ConvolutionArguments p)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            switch (p.Method)
            {
                case ConvolutionMethod.Depthwise: TPass.Depthwise<T, V, S>(p); break;
                case ConvolutionMethod.Direct: TPass.Direct<T, V, S>(p); break;
                case ConvolutionMethod.SmallMap: TPass.SmallMap<T, V, S>(p); break;
                case ConvolutionMethod.Lines: TPass.Lines<T, V, S>(p); break;
                case ConvolutionMethod.Winograd2: TPass.Winograd<T, V, S, WinogradTile2>(p); break;
                case ConvolutionMethod.Winograd4: TPass.Winograd<T, V, S, WinogradTile4>(p); break;
                default: TPass.Columns<T, V, S>(p); break;
            }
        }
    }
}
