namespace Gradwright.Kernels;

/// <summary>How a fused convolution is computed on the processor, with channels last.</summary>
internal enum FusedMethod
{
    /// <summary>A window of one pixel: the image is the left matrix of a product.</summary>
    Pointwise,

    /// <summary>Rows of what each pixel's window sees, [taps, channels], gathered strip by strip.</summary>
    Rows,

    /// <summary>The same from an image plane by plane, in the filter's own order: the first layer's.</summary>
    PlainColumns,

    /// <summary>Filters that see one channel.</summary>
    Depthwise,

    /// <summary>Winograd's algorithm on tiles of 2×2 pixels.</summary>
    Winograd2,

    /// <summary>The same on tiles of 4×4.</summary>
    Winograd4,
}

/// <summary>
/// Which fused convolutions go which way. The filters' transforms are there already and cost nothing but reading them, which for maps of a few pixels takes longer than
/// the products: 16/9 of the weight's bytes with tiles of 2×2, 4 times as many with 4×4. Costs are in multiply-adds.
/// </summary>
internal static class FusedChoice
{
    // Reading an element of a filter that does not stay in the cache, and turning a tile's element into points or back.
    private const double ReadCost = 12, TileCost = 6;

    // What must be gained over the direct sum: it rounds less.
    private const double Gain = 1.2;

    // Fewer channels than this fill no vector.
    private const int LeastChannels = 16;

    /// <summary>Whether these kernels can compute it.</summary>
    public static bool Fits(in ConvolutionShape p) => !p.IsVolume && p.Images > 0 && (p.Groups == 1 || (p.GroupChannels == 1 && p.GroupFilters == 1));

    public static FusedMethod For(in ConvolutionShape p, DType dtype, ConvolutionAlgorithm algorithm, bool isPlain)
    {
        if (p.Groups > 1) return FusedMethod.Depthwise;
        if (isPlain) return FusedMethod.PlainColumns;
        if (p.IsPointwise) return FusedMethod.Pointwise;
        if (dtype != DType.Float32 || algorithm == ConvolutionAlgorithm.Direct || !WinogradChoice.IsTiled(p) || p.Channels < LeastChannels || p.Filters < LeastChannels)
            return FusedMethod.Rows;
        double direct = (p.Products + ReadCost * p.Taps * p.Channels * p.Filters) / Gain, small = Cost(p, 2);
        double large = algorithm == ConvolutionAlgorithm.Accurate || p.Channels * p.Taps < WinogradChoice.ManyTerms ? double.PositiveInfinity : Cost(p, 4);
        if (Math.Min(small, large) >= direct) return FusedMethod.Rows;
        return small < large ? FusedMethod.Winograd2 : FusedMethod.Winograd4;
    }

    private static double Cost(in ConvolutionShape p, int tile)
    {
        double tiles = (double)p.Images * ((p.Plane.OutputHeight + tile - 1) / tile) * ((p.Plane.OutputWidth + tile - 1) / tile), points = (tile + 2) * (tile + 2);
        return points * (tiles * ((double)p.Channels * p.Filters + TileCost * (p.Channels + p.Filters)) + ReadCost * p.Channels * p.Filters);
    }
}
