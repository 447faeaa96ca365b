namespace Gradwright.Kernels;

/// <summary>The mean of each window: x [N, C, H, W] → y [N, C, OH, OW]. The border counts as zeros, or not at all.</summary>
/// <param name="Vertical">How the window slides along H; its dilation is 1.</param>
/// <param name="Horizontal">How the window slides along W.</param>
/// <param name="CeilMode">Whether a last window that hangs over the end counts. What lies beyond the border is never counted.</param>
/// <param name="CountsPadding">Whether elements of the border are counted.</param>
public sealed record AveragePool2D(Window Vertical, Window Horizontal, bool CeilMode = false, bool CountsPadding = true) : Op
{
    public override string Name => nameof(AveragePool2D);

    internal PoolShape ShapeFor(Op op, Shape input)
        => Vertical.Dilation == 1 && Horizontal.Dilation == 1 ? new(op, Vertical, Horizontal, CeilMode, input)
            : throw new ShapeException($"{op.Name}: dilation ({Vertical.Dilation}, {Horizontal.Dilation}) must be 1. Slice x with a step instead.");

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.Rank(this, "x", x[0], 4, "[images, channels, height, width]");
        y[0] = new(dtype, ShapeFor(this, x[0].Shape).Output);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed image = new(x[0]);
        PoolArguments p = new() { Shape = ShapeFor(this, x[0].Shape), Image = image.Pointer, Windows = y[0]!.Pointer, CountsPadding = CountsPadding };
        WindowDispatch.Run<PoolGather<MeanOfWindow, MeanOfWindow>, PoolArguments>(x[0].DType, ref p);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => GpuPool.Average(gpu, ShapeFor(this, x[0].Shape), x[0], y[0]!, CountsPadding);
}

/// <summary>The gradient of an average pooling: g [N, C, OH, OW] → [N, C, H, W]; each element of a window gets an equal part.</summary>
/// <param name="Forward">The pooling.</param>
/// <param name="Input">The shape of its input.</param>
public sealed record AveragePool2DInputGradient(AveragePool2D Forward, Shape Input) : Op
{
    public override string Name => nameof(AveragePool2DInputGradient);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Shape output = Forward.ShapeFor(this, Input).Output;
        if (x[0].Shape != output) throw new ShapeException($"{Name}: gradient {x[0].Shape} does not belong to a pooling of {Input}, whose result is {output}.");
        y[0] = new(dtype, Input);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed gradient = new(x[0]);
        PoolArguments p = new()
        {
            Shape = Forward.ShapeFor(this, Input), Image = y[0]!.Pointer, Windows = gradient.Pointer, CountsPadding = Forward.CountsPadding,
        };
        WindowDispatch.Run<PoolScatter<Evenly>, PoolArguments>(x[0].DType, ref p);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => GpuPool.AverageGradient(gpu, Forward.ShapeFor(this, Input), x[0], y[0]!, Forward.CountsPadding);
}
