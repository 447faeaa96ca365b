namespace Gradwright.Kernels;

/// <summary>A constant border around a tensor.</summary>
/// <param name="Before">Elements in front of each dimension.</param>
/// <param name="After">Elements behind each dimension.</param>
/// <param name="Value">What they are.</param>
public sealed record Pad(long[] Before, long[] After, double Value) : Op
{
    public override string Name => nameof(Pad);
    protected internal override bool TakesHalf => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (Before.Length != x[0].Rank || After.Length != x[0].Rank)
            throw new ShapeException($"{Name}: {x[0].Shape} has {x[0].Rank} dimensions, but borders are given for {Before.Length} and {After.Length}: one number in front of and one behind each.");
        long[] lengths = x[0].Shape.Span.ToArray();
        for (int d = 0; d < lengths.Length; d++)
        {
            if (Before[d] < 0 || After[d] < 0)
                throw new ShapeException($"{Name}: the border of dimension {d} of {x[0].Shape} is {Before[d]} in front and {After[d]} behind; it must be 0 or more. Slice to cut a border off.");
            lengths[d] += Before[d] + After[d];
        }

        y[0] = new(x[0].DType, Shape.Create(lengths));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        y[0]!.FillInPlace(Value);
        Layout inner = y[0]!.Layout;
        for (int d = 0; d < Before.Length; d++) inner = inner.Slice(d, Before[d], x[0].Shape.Span[d], 1);
        using Tensor place = y[0]!.Alias(inner, Tensor.Ownership.Internal);
        new Copy().ExecuteInto(place, x[0]);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);
}
