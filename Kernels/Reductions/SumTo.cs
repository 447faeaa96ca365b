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
        uint axes = 0;
        int missing = x[0].Rank - Shape.Rank;
        for (int d = 0; d < x[0].Rank; d++)
            if (d < missing || (Shape.Span[d - missing] == 1 && x[0].Shape.Span[d] != 1)) axes |= 1u << d;
        using PackedOutput output = new(y[0]!);
        ReduceLoop.Run<Sum>(x[0], axes, output.Tensor);
        output.Finish();
    }
}
