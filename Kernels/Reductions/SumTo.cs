namespace Gradwright.Kernels;

/// <summary>Undoes broadcasting: sums the dimensions that <paramref name="Shape"/> lacks or has with length 1.</summary>
public sealed record SumTo(Shape Shape) : Op
{
    public override string Name => nameof(SumTo);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        if (Shape.Broadcast(Shape, x[0].Shape, Name) != x[0].Shape)
            throw new ShapeException($"SumTo: {x[0].Shape} cannot be summed to {Shape}: aligned at the last dimension, each length must be equal or 1.");
        y[0] = new(x[0].DType, Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using PackedOutput output = new(y[0]!);
        ReduceLoop.Run<Sum>(x[0], Axes(x[0].Shape), output.Tensor);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => ReduceKernel.Run<Sum>(gpu, x[0], Axes(x[0].Shape), y[0]!);

    private uint Axes(Shape operand)
    {
        uint axes = 0;
        int missing = operand.Rank - Shape.Rank;
        for (int d = 0; d < operand.Rank; d++)
            if (d < missing || (Shape.Span[d - missing] == 1 && operand.Span[d] != 1)) axes |= 1u << d;
        return axes;
    }
}
