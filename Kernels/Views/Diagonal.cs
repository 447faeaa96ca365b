namespace Gradwright.Kernels;

/// <summary>The elements whose positions along two dimensions differ by Offset; the two disappear and the diagonal is the last dimension. A view.</summary>
/// <param name="Offset">0 is the main diagonal; above 0 the second position is the larger one.</param>
/// <param name="First">One dimension.</param>
/// <param name="Second">The other.</param>
public sealed record Diagonal(long Offset, int First, int Second) : ViewOp
{
    public override string Name => nameof(Diagonal);

    protected override Layout View(Tensor x)
    {
        int first = x.Shape.Axis(First, Name), second = x.Shape.Axis(Second, Name);
        if (first == second) throw new ShapeException($"Diagonal: dimensions {First} and {Second} of {x.Shape} are one and the same; a diagonal runs through two.");
        ReadOnlySpan<long> lengths = x.Shape.Span, strides = x.Layout.Strides;
        long rows = lengths[first] + Math.Min(Offset, 0), columns = lengths[second] - Math.Max(Offset, 0), length = Math.Max(0, Math.Min(rows, columns));
        long start = length == 0 ? 0 : Offset < 0 ? -Offset * strides[first] : Offset * strides[second];
        List<long> newLengths = [], newStrides = [];
        for (int d = 0; d < x.Rank; d++)
        {
            if (d == first || d == second) continue;
            newLengths.Add(lengths[d]);
            newStrides.Add(strides[d]);
        }

        return new(Shape.Create([.. newLengths, length]), [.. newStrides, strides[first] + strides[second]], x.Layout.Offset + start);
    }
}

/// <summary>The backward pass of a diagonal: the gradient in its place, zeros elsewhere.</summary>
/// <param name="Diagonal">The diagonal.</param>
/// <param name="Shape">The shape of what it was taken from.</param>
public sealed record DiagonalBackward(Diagonal Diagonal, Shape Shape) : Op
{
    public override string Name => nameof(DiagonalBackward);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(x[0].DType, Shape);

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => SliceBackward.Place(y[0]!, Diagonal, x[0]);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);
}
