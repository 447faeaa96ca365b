namespace Gradwright.Kernels;

/// <summary>
/// y[n, k, i…] = b[k] + Σ x[n, c, i·S + r·D − P, …] · w[k, c, r, …]: x [N, C, input…], weight [K, C/groups, window…], optional bias [K] → y [N, K, output…], with one to
/// three spatial axes. Filter k sees the channels of its group only. The border counts as zeros, which are multiplied like any number (0 · ∞ = NaN),
/// except by elements of the filter that meet nothing else.
/// </summary>
/// <param name="Depth">How the filter slides along the outermost of three axes; its size is T. One element where there is no such axis.</param>
/// <param name="Vertical">How the filter slides along the height; its size is R. One element where there is no such axis.</param>
/// <param name="Horizontal">How the filter slides along the innermost axis; its size is S.</param>
/// <param name="Groups">Parts of channels and filters that do not see each other; as many as channels is a depthwise convolution.</param>
public abstract record Convolution(Window Depth, Window Vertical, Window Horizontal, int Groups) : Op
{
    /// <summary>Number of spatial axes.</summary>
    public abstract int Axes { get; }

    protected internal override PrecisionRole Precision => PrecisionRole.Half;

    /// <summary>The axes' names, as errors list them.</summary>
    internal string AxisNames => Axes switch { 1 => "length", 2 => "height, width", _ => "depth, height, width" };

    /// <summary>A number per filter as [K, 1…], so that it is broadcast over pixels.</summary>
    internal Shape BiasShape(long filters) => Axes switch { 1 => [filters, 1], 2 => [filters, 1, 1], _ => [filters, 1, 1, 1] };

    internal void CheckRank(Op op, string operand, Tensor x, string leading)
    {
        if (x.Rank != 2 + Axes) Check.Rank(op, operand, x, 2 + Axes, $"[{leading}, {AxisNames}]");
    }

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => 2.0 * y[0]!.Count * (x[1].Count / x[1].Shape[0]);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.SameType(this, x);
        Check.Floating(this, x[0]);
        CheckRank(this, "x", x[0], "images, channels");
        CheckRank(this, "weight", x[1], "filters, channels / groups");
        ConvolutionShape shape = new(this, this, x[0].Shape, x[1].Shape[0]);
        if (x[1].Shape != shape.Weight)
            throw new ShapeException($"{Name}: weight has shape {x[1].Shape}, but x {x[0].Shape} with groups {Groups} and this window needs {shape.Weight}: [filters, channels / groups, {AxisNames}].");
        if (x.Length > 2 && (x[2].Rank != 1 || x[2].Shape[0] != shape.Filters))
            throw new ShapeException($"{Name}: bias has shape {x[2].Shape}, but weight {x[1].Shape} has {shape.Filters} filters: one number per filter, [{shape.Filters}], is expected.");
        y[0] = new(dtype, shape.Output);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed image = new(x[0]), weight = new(x[1]), bias = new(x.Length > 2 ? x[2] : x[1]);
        ConvolutionArguments p = new()
        {
            Shape = new(this, this, x[0].Shape, x[1].Shape[0]),
            X = image.Pointer, Weight = weight.Pointer, Bias = x.Length > 2 ? bias.Pointer : 0, Y = y[0]!.Pointer,
        };
        CpuConvolution.Run<ConvolutionForward>(y[0]!, p);
    }

    private protected override void RunDry(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);     // CpuConvolution stops short of the kernels

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ConvolutionShape shape = new(this, this, x[0].Shape, x[1].Shape[0]);
        GpuConvolution.Forward(gpu, shape, GpuConvolution.ForMaps(gpu, shape, x[0].DType, backward: false), x[0], x[1], x.Length > 2 ? x[2] : null, y[0]!);
    }
}
