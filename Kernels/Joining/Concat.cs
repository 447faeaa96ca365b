namespace Gradwright.Kernels;

/// <summary>Tensors one behind the other along a dimension. Operands: any number, equal in shape except along that dimension.</summary>
public sealed record Concat(int Axis) : Op
{
    public override string Name => nameof(Concat);
    protected internal override bool TakesHalf => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (x.Length == 0) throw new ArgumentException($"{Name}: there is nothing to join; pass at least one tensor.");
        DType dtype = Check.SameType(this, x);
        int axis = x[0].Shape.Axis(Axis, Name);
        long length = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i].Rank != x[0].Rank || x[i].Shape.With(axis, 0) != x[0].Shape.With(axis, 0))
                throw new ShapeException($"{Name}: operand 0 {x[0].Shape} and operand {i} {x[i].Shape} must have equal lengths except along dimension {axis}. Use Stack to join along a new dimension.");
            length += x[i].Shape.Span[axis];
        }

        y[0] = new(dtype, x[0].Shape.With(axis, length));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        long start = 0;
        Copy copy = new();
        foreach (Tensor part in x)
        {
            long length = part.Shape.Span[axis];
            using Tensor place = y[0]!.Alias(y[0]!.Layout.Slice(axis, start, length, 1), Tensor.Ownership.Internal);
            copy.ExecuteInto(place, part);
            start += length;
        }
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);
}
