namespace Gradwright.Kernels;

/// <summary>A copy of x in which the part that a chain of views shows is replaced. Operands: x, value (broadcast to that part).</summary>
/// <param name="Views">The views, one applied to the result of the other.</param>
public sealed record ViewPut(ViewOp[] Views) : Op
{
    public override string Name => nameof(ViewPut);
    protected internal override bool TakesHalf => true;

    /// <summary>The part of x that the views show.</summary>
    internal Tensor Follow(Tensor x)
    {
        Tensor place = x.Alias(ownership: Tensor.Ownership.Internal);
        foreach (ViewOp view in Views)
        {
            using Tensor before = place;
            place = view.Execute(before);
        }

        return place;
    }

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.SameType(this, x);
        using Tensor place = Follow(x[0]);
        Broadcasting.RequireStretch(Views.Length == 0 ? "CopyFrom" : Name, x[1].Shape, place.Shape);
        y[0] = new(x[0].DType, x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        // Written in place, a value that shares the memory would change while it is read.
        bool inPlace = y[0]!.Pointer == x[0].Pointer && y[0]!.Layout == x[0].Layout;
        using Tensor value = inPlace && x[1].Buffer == y[0]!.Buffer ? new Copy().Execute(x[1]) : x[1].Alias(ownership: Tensor.Ownership.Internal);
        if (!inPlace) new Copy().ExecuteInto(y[0]!, x[0]);
        using Tensor place = Follow(y[0]!), stretched = value.Alias(value.Layout.Expand(place.Shape), Tensor.Ownership.Internal);
        new Copy().ExecuteInto(place, stretched);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);
}
