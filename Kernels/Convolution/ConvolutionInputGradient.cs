namespace Gradwright.Kernels;

/// <summary>
/// The gradient of a convolution with respect to its input: g [N, K, output…], weight [K, C/groups, window…] → [N, C, input…]. Linear in both operands;
/// as a layer of its own it is the transposed convolution.
/// </summary>
/// <param name="Forward">The convolution.</param>
/// <param name="Input">The shape of its input (the window alone does not determine it when the stride exceeds 1).</param>
public sealed record ConvolutionInputGradient(Convolution Forward, Shape Input) : Op
{
    public override string Name => nameof(ConvolutionInputGradient);
    protected internal override PrecisionRole Precision => PrecisionRole.Half;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.SameType(this, x);
        Check.Floating(this, x[0]);
        Forward.CheckRank(this, "gradient", x[0], "images, filters");
        Forward.CheckRank(this, "weight", x[1], "filters, channels / groups");
        ConvolutionShape shape = new(this, Forward, Input, x[1].Shape[0]);
        if (x[0].Shape != shape.Output || x[1].Shape != shape.Weight)
            throw new ShapeException($"{Name}: gradient {x[0].Shape} and weight {x[1].Shape} do not belong to a convolution of {Input}, which needs {shape.Output} and {shape.Weight}.");
        y[0] = new(dtype, Input);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed gradient = new(x[0]), weight = new(x[1]);
        ConvolutionArguments p = new()
        {
            Shape = new(this, Forward, Input, x[1].Shape[0]), Y = gradient.Pointer, Weight = weight.Pointer, X = y[0]!.Pointer,
        };
        CpuConvolution.Run<ConvolutionBackwardInput>(y[0]!, p);
    }

    private protected override void RunDry(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);     // CpuConvolution stops short of the kernels

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ConvolutionShape shape = new(this, Forward, Input, x[1].Shape[0]);
        GpuConvolution.InputGradient(gpu, shape, GpuConvolution.ForMaps(gpu, shape, x[0].DType, backward: true), x[0], x[1], y[0]!);
    }
}
