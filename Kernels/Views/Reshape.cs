namespace Gradwright.Kernels;

/// <summary>The same elements in the same order under another shape: a view where the layout allows it, else a copy.</summary>
/// <param name="Shape">The new shape, of as many elements.</param>
public sealed record Reshape(Shape Shape) : Op
{
    public override string Name => nameof(Reshape);

    /// <summary>Works out a length of −1 from the others.</summary>
    public static Shape Resolve(Tensor x, ReadOnlySpan<long> lengths)
    {
        int unknown = lengths.IndexOf(-1);
        if (unknown < 0) return Shape.Create(lengths);
        long known = 1;
        for (int i = 0; i < lengths.Length; i++)
            if (i != unknown) known *= lengths[i];
        if (known <= 0 || x.Count % known != 0)
            throw new ShapeException($"Reshape: {x.Shape} has {x.Count} elements, which [{Shape.Join(lengths)}] cannot hold: the other lengths multiply to {known}. Only one length may be −1.");
        long[] resolved = lengths.ToArray();
        resolved[unknown] = x.Count / known;
        return Shape.Create(resolved);
    }

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (x[0].Count != Shape.Count)
            throw new ShapeException($"Reshape: {x[0].Shape} has {x[0].Count} elements, but {Shape} has {Shape.Count}. Let one length be −1 to have it worked out.");
        y[0] = new(x[0].DType, Shape);
    }

    public override void Execute(ReadOnlySpan<Tensor> x, Span<Tensor?> y, bool keep)
    {
        if (x[0].Count != Shape.Count || x[0].Layout.TryReshape(Shape) is not { } layout)
        {
            base.Execute(x, y, keep);
            return;
        }

        y[0] = x[0].Alias(layout);
        OpListener.Current?.Viewed(this, x[0], y[..1]);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor rows = y[0]!.Alias(Layout.Contiguous(x[0].Shape).Shifted(y[0]!.Layout.Offset));
        new Copy().ExecuteInto(rows, x[0]);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);
}
