namespace Gradwright.Kernels;

/// <summary>Cuts a dimension into up to eight parts, one output each: views. One op, so that its gradient is joined in one go.</summary>
/// <param name="Axis">The dimension.</param>
/// <param name="Lengths">How long the parts are; together the whole dimension.</param>
public sealed record Split(int Axis, long[] Lengths) : Op
{
    /// <summary>The most parts of one op.</summary>
    public const int MostParts = MaxOutputs;

    public override string Name => nameof(Split);
    protected internal override bool TakesHalf => true;

    public override int OutputCount => Lengths.Length;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        int axis = RequireFit(x[0]);
        for (int i = 0; i < Lengths.Length; i++) y[i] = new(x[0].DType, x[0].Shape.With(axis, Lengths[i]));
    }

    public override void Execute(ReadOnlySpan<Tensor> x, Span<Tensor?> y, bool keep)
    {
        int axis = RequireFit(x[0]);
        long start = 0;
        for (int i = 0; i < Lengths.Length; i++)
        {
            y[i] = x[0].Alias(x[0].Layout.Slice(axis, start, Lengths[i], 1));
            start += Lengths[i];
        }

        OpListener.Current?.Viewed(this, x[0], y[..Lengths.Length]);
    }

    // Only an op with one output can be asked to write into a given tensor, and then there is one part: the whole.
    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => new Copy().ExecuteInto(y[0]!, x[0]);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);

    private int RequireFit(Tensor x)
    {
        int axis = x.Shape.Axis(Axis, Name);
        if (Lengths.Length is 0 or > MostParts) throw new ArgumentException($"{Name}: one op cuts into 1 to {MostParts} parts, not {Lengths.Length}. Split in two steps, or use Slice.");
        if (Lengths.Min() < 0 || Lengths.Sum() != x.Shape.Span[axis])
            throw new ShapeException($"{Name}: parts of lengths [{Shape.Join(Lengths)}] do not make up dimension {axis} of {x.Shape}. They must be 0 or more and add up to its length.");
        return axis;
    }
}
