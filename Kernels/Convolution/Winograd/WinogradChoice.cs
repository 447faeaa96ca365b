namespace Gradwright.Kernels;

/// <summary>
/// Which convolutions go by Winograd's algorithm, and with which tiles: the cheapest by a model that was fitted to times measured with 512-bit vectors. Costs are in
/// multiply-adds of a product.
/// </summary>
internal static class WinogradChoice
{
    // Turning and transforming an element of a tile.
    private const double TileCost = 12.6;

    // Transforming an element of a filter: within L2, slice by slice, and where the transforms leave it.
    private const double FilterCost = 4, SlicedFilterCost = 8, FarFilterCost = 16;
    private const long NearElements = 256 << 10;

    // What must be gained over the direct sum: it rounds less.
    private const double Gain = 1.35;

    // Direct sums over maps of fewer pixels do not come near the speed of large products.
    private const int FewPixels = 64;
    private const double FewPixelsCost = 1.5;

    // Elements of a thread's workspace and of all filters' transforms.
    private const long MostWorkspace = 8 << 20, MostFilters = 32 << 20;

    /// <summary>Terms from which on tiles of 4×4 keep to 1½ times the error of plain sums, measured: of results and images' gradients, and of filters' gradients.</summary>
    public const double ManyTerms = 512, ManyFilterTerms = 1024;

    /// <summary>The method, or <see cref="ConvolutionMethod.Columns"/> if direct sums cost less or the window is another.</summary>
    public static ConvolutionMethod For<TPass>(in ConvolutionShape p, ConvolutionAlgorithm algorithm) where TPass : struct, IConvolutionPass
    {
        if (algorithm == ConvolutionAlgorithm.Direct || p.Images == 0 || !p.IsReversible || !IsTiled(p))
            return ConvolutionMethod.Columns;
        double direct = p.Products * p.UsedTaps / p.Taps * (p.OutputVolume < FewPixels ? FewPixelsCost : 1) / Gain;
        double small = Cost(p, 2), large = algorithm == ConvolutionAlgorithm.Accurate || !TPass.HasManyTerms(p) ? double.PositiveInfinity : Cost(p, 4);
        if (Math.Min(small, large) >= direct) return ConvolutionMethod.Columns;
        return small < large ? ConvolutionMethod.Winograd2 : ConvolutionMethod.Winograd4;
    }

    /// <summary>Whether the window is one of 3×3 pixels whose results form tiles.</summary>
    public static bool IsTiled(in ConvolutionShape p) => IsTiled(p.Plane.Vertical) && IsTiled(p.Plane.Horizontal);

    private static bool IsTiled(Window window) => window is { Size: 3, Stride: 1, Dilation: 1, Padding: <= 2 };

    private static double Cost(in ConvolutionShape p, int tile)
    {
        WinogradPlan plan = WinogradPlan.ForImages(p, tile);
        double filters = plan.FilterElements;
        if (!plan.IsSliced && (filters > MostFilters || plan.Points * (plan.FromStep + plan.ToStep) > MostWorkspace)) return double.PositiveInfinity;
        double tiles = (double)plan.Groups * plan.Tiles * plan.Points;
        return plan.Products + TileCost * tiles * (plan.From + plan.To) + (plan.IsSliced ? SlicedFilterCost : filters > NearElements ? FarFilterCost : FilterCost) * filters;
    }
}
