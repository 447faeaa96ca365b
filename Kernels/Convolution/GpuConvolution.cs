namespace Gradwright.Kernels;

/// <summary>How a convolution is computed on a GPU.</summary>
internal enum ConvolutionWay : byte
{
    /// <summary>Each element adds up its own products: <c>depthwise.cu</c>. For filters that see one channel.</summary>
    Direct,

    /// <summary>A matrix product that gathers its columns while it reads them: <c>implicit_gemm.cu</c>, <c>implicit_weights.cu</c>.</summary>
    Implicit,

    /// <summary>Columns in memory, and <see cref="GpuGemm"/>. A pointwise convolution needs none: its image is the matrix.</summary>
    Columns,
}

/// <summary>
/// Convolutions and their gradients on a GPU, one of three ways. The choice depends on the sizes and the device's <see cref="TuningTable"/> alone, so the same
/// convolution gives the same bits every time.
/// </summary>
internal static class GpuConvolution
{
    // More filters of one channel share its columns often enough to pay for a product.
    private const int MostDirectFilters = 4;

    // The products of columns in memory are handed over group by group.
    private const int MostProducts = 8;

    /// <summary>
    /// The way for results and, <paramref name="backward"/>, for input gradients. Direct, if filters see one channel. A product of each image as it is, if the convolution
    /// is pointwise and an image fills a tile. Else an implicit product, unless there are so few rows that the device prefers columns in memory, or
    /// <see cref="MatMulPrecision"/> lets tensor cores multiply them; volumes have no columns in memory.
    /// </summary>
    public static ConvolutionWay ForMaps(GpuAccelerator gpu, in ConvolutionShape p, DType dtype, bool backward)
    {
        if (p.GroupChannels == 1 && p.GroupFilters <= MostDirectFilters) return ConvolutionWay.Direct;
        if (p.Groups > MostProducts || p.IsVolume) return ConvolutionWay.Implicit;
        int rows = backward ? p.GroupChannels : p.GroupFilters;
        bool columns = p.IsPointwise ? p.Plane.OutputPixels >= GpuImplicitProduct.Tiles(gpu, dtype).N
            : rows <= gpu.Tuning.ConvolutionColumnRows || (rows >= GpuTensorCores.Least && GpuTensorCores.AreAllowed(gpu, dtype));
        return columns ? ConvolutionWay.Columns : ConvolutionWay.Implicit;
    }

    /// <summary>The way for weight gradients: direct, if filters see one channel, or an implicit product.</summary>
    public static ConvolutionWay ForWeights(in ConvolutionShape p)
        => p.GroupChannels == 1 && p.GroupFilters <= MostDirectFilters ? ConvolutionWay.Direct : ConvolutionWay.Implicit;

    /// <summary>y = x * weight + bias.</summary>
    public static void Forward(GpuAccelerator gpu, in ConvolutionShape p, ConvolutionWay way, Tensor x, Tensor weight, Tensor? bias, Tensor y)
    {
        if (y.Count == 0) return;
        using Packed image = new(x), factors = new(weight), plus = new(bias ?? weight);
        ConvolutionOperands operands = new(image.Tensor, factors.Tensor, y) { Bias = bias is null ? null : plus.Tensor };
        switch (way)
        {
            case ConvolutionWay.Direct: GpuDepthwise.Forward(gpu, p, operands); break;
            case ConvolutionWay.Implicit: GpuImplicitProduct.Maps(gpu, p, operands, backward: false); break;
            default: GpuColumnProduct.Forward(gpu, p, operands); break;
        }
    }

    /// <summary>dx, the gradient with respect to x, from g, that of y.</summary>
    public static void InputGradient(GpuAccelerator gpu, in ConvolutionShape p, ConvolutionWay way, Tensor g, Tensor weight, Tensor dx)
    {
        if (dx.Count == 0) return;
        using Packed gradient = new(g), factors = new(weight);
        ConvolutionOperands operands = new(dx, factors.Tensor, gradient.Tensor);
        switch (way)
        {
            case ConvolutionWay.Direct: GpuDepthwise.InputGradient(gpu, p, operands); break;
            case ConvolutionWay.Implicit: GpuImplicitProduct.Maps(gpu, p, operands, backward: true); break;
            default: GpuColumnProduct.InputGradient(gpu, p, operands); break;
        }
    }

    /// <summary>dw, the gradient with respect to the weight, from x and g.</summary>
    public static void WeightGradient(GpuAccelerator gpu, in ConvolutionShape p, ConvolutionWay way, Tensor x, Tensor g, Tensor dw)
    {
        using Packed image = new(x), gradient = new(g);
        ConvolutionOperands operands = new(image.Tensor, dw, gradient.Tensor);
        switch (way)
        {
            case ConvolutionWay.Direct: GpuDepthwise.WeightGradient(gpu, p, operands); break;
            case ConvolutionWay.Implicit: GpuImplicitProduct.Weights(gpu, p, operands); break;
            default: GpuColumnProduct.WeightGradient(gpu, p, operands); break;
        }
    }
}

/// <summary>The operands of a pass, row-major; which of them is the result, the pass knows.</summary>
/// <param name="X">[N, C, input…], or its gradient.</param>
/// <param name="Weight">[K, C/groups, window…], or its gradient.</param>
/// <param name="Y">[N, K, output…], or its gradient.</param>
internal readonly record struct ConvolutionOperands(Tensor X, Tensor Weight, Tensor Y)
{
    public DType DType => X.DType;

    /// <summary>[K], or null.</summary>
    public Tensor? Bias { get; init; }
}
