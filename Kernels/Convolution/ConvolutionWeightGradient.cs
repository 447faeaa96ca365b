namespace Gradwright.Kernels;

/// <summary>The gradient of a convolution with respect to its weight: x [N, C, input…], g [N, K, output…] → [K, C/groups, window…]. Linear in both operands.</summary>
/// <remarks>Images are summed in blocks whose number depends on the sizes alone, so the bits do not depend on the number of threads.</remarks>
/// <param name="Forward">The convolution.</param>
public sealed record ConvolutionWeightGradient(Convolution Forward) : Op
{
    public override string Name => nameof(ConvolutionWeightGradient);
    protected internal override PrecisionRole Precision => PrecisionRole.Half;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.SameType(this, x);
        Check.Floating(this, x[0]);
        Forward.CheckRank(this, "x", x[0], "images, channels");
        Forward.CheckRank(this, "gradient", x[1], "images, filters");
        ConvolutionShape shape = new(this, Forward, x[0].Shape, x[1].Shape[1]);
        if (x[1].Shape != shape.Output)
            throw new ShapeException($"{Name}: gradient {x[1].Shape} does not belong to a convolution of {x[0].Shape}, whose result is {shape.Output}.");
        y[0] = new(dtype, shape.Weight);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed image = new(x[0]), gradient = new(x[1]);
        ConvolutionShape shape = new(this, Forward, x[0].Shape, x[1].Shape[1]);
        ConvolutionArguments p = new() { Shape = shape, X = image.Pointer, Y = gradient.Pointer, Weight = y[0]!.Pointer };
        CpuConvolution.Run<ConvolutionBackwardWeight>(y[0]!, p);
    }

    private protected override void RunDry(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);     // CpuConvolution stops short of the kernels

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ConvolutionShape shape = new(this, Forward, x[0].Shape, x[1].Shape[1]);
        GpuConvolution.WeightGradient(gpu, shape, GpuConvolution.ForWeights(shape), x[0], x[1], y[0]!);
    }
}
