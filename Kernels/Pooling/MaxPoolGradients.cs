namespace Gradwright.Kernels;

/// <summary>The gradient of a max-pooling: g [N, C, OH, OW] and the maxima's positions → [N, C, H, W]. Where windows overlap, gradients add.</summary>
/// <param name="Forward">The pooling.</param>
/// <param name="Input">The shape of its input.</param>
public sealed record MaxPool2DInputGradient(MaxPool2D Forward, Shape Input) : Op
{
    public override string Name => nameof(MaxPool2DInputGradient);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Shape output = Forward.ShapeFor(this, Input).Output;
        if (x[0].Shape != output) throw new ShapeException($"{Name}: gradient {x[0].Shape} does not belong to a pooling of {Input}, whose result is {output}.");
        Forward.CheckIndex(this, x[1], output);
        y[0] = new(dtype, Input);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed gradient = new(x[0]), index = new(x[1]);
        PoolArguments p = new()
        {
            Shape = Forward.ShapeFor(this, Input), Image = y[0]!.Pointer, Windows = gradient.Pointer, Index = index.Pointer, IndexType = x[1].DType,
        };
        WindowDispatch.Run<PoolScatter<ByPosition>, PoolArguments>(x[0].DType, ref p);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => GpuPool.MaxGradient(gpu, Forward.ShapeFor(this, Input), x[0], x[1], y[0]!);
}

/// <summary>Of each window the element at a given position: x [N, C, H, W], index [N, C, OH, OW] → [N, C, OH, OW]. What differentiating the gradient of a max-pooling needs.</summary>
/// <param name="Forward">The pooling.</param>
public sealed record MaxPool2DPick(MaxPool2D Forward) : Op
{
    public override string Name => nameof(MaxPool2DPick);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.Rank(this, "x", x[0], 4, "[images, channels, height, width]");
        Shape output = Forward.ShapeFor(this, x[0].Shape).Output;
        Forward.CheckIndex(this, x[1], output);
        y[0] = new(dtype, output);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed image = new(x[0]), index = new(x[1]);
        PoolArguments p = new()
        {
            Shape = Forward.ShapeFor(this, x[0].Shape), Image = image.Pointer, Windows = y[0]!.Pointer, Index = index.Pointer, IndexType = x[1].DType,
        };
        WindowDispatch.Run<PoolGather<AtPosition, AtPosition>, PoolArguments>(x[0].DType, ref p);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => GpuPool.Pick(gpu, Forward.ShapeFor(this, x[0].Shape), x[0], x[1], y[0]!);
}
