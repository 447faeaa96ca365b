namespace Gradwright.Kernels;

/// <summary>The backward pass of a slice: the gradient in its place, zeros elsewhere.</summary>
/// <param name="Slice">The slice.</param>
/// <param name="Shape">The shape of what was sliced.</param>
public sealed record SliceBackward(Slice Slice, Shape Shape) : Op
{
    public override string Name => nameof(SliceBackward);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(x[0].DType, Shape);

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => Place(y[0]!, Slice, x[0]);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);

    internal static void Place(Tensor y, ViewOp view, Tensor g)
    {
        y.FillInPlace(0);
        using Tensor place = view.Execute(y);
        new Copy().ExecuteInto(place, g);
    }
}

/// <summary>The backward pass of a selection: the gradient in its place, zeros elsewhere.</summary>
/// <param name="Select">The selection.</param>
/// <param name="Shape">The shape of what was selected from.</param>
public sealed record SelectBackward(Select Select, Shape Shape) : Op
{
    public override string Name => nameof(SelectBackward);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(x[0].DType, Shape);

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => SliceBackward.Place(y[0]!, Select, x[0]);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);
}
