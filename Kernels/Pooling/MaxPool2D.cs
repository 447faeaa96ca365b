namespace Gradwright.Kernels;

/// <summary>
/// The largest number of each window: x [N, C, H, W] → y [N, C, OH, OW]. NaN counts as largest. The border counts as −∞. Kept for the backward pass:
/// where in its window (row after row) each maximum was, the first one of equals, as UInt8 or, for windows of more than 256 elements, Int32.
/// </summary>
/// <param name="Vertical">How the window slides along H.</param>
/// <param name="Horizontal">How the window slides along W.</param>
/// <param name="CeilMode">Whether a last window that hangs over the end counts.</param>
public sealed record MaxPool2D(Window Vertical, Window Horizontal, bool CeilMode = false) : Op
{
    public override string Name => nameof(MaxPool2D);

    public override int KeptCount => 1;

    internal DType IndexType => PoolShape.IndexType(Vertical, Horizontal);

    internal PoolShape ShapeFor(Op op, Shape input) => new(op, Vertical, Horizontal, CeilMode, input);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.Rank(this, "x", x[0], 4, "[images, channels, height, width]");
        Shape output = ShapeFor(this, x[0].Shape).Output;
        y[0] = new(dtype, output);
        y[1] = new(IndexType, output);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[1] is null && x[0].Shape[1] > 1 && ChannelsLast.Is(x[0].Layout) && ChannelsLast.Is(y[0]!.Layout))
        {
            ChannelsLastPoolArguments turned = new()
            {
                Plane = ShapeFor(this, x[0].Shape).Plane, Images = (int)x[0].Shape[0], Channels = (int)x[0].Shape[1], X = x[0].Pointer, Y = y[0]!.Pointer,
            };
            WindowDispatch.Run<ChannelsLastMaximum, ChannelsLastPoolArguments>(x[0].DType, ref turned);
            return;
        }

        using Packed image = new(x[0]);
        PoolArguments p = new()
        {
            Shape = ShapeFor(this, x[0].Shape), Image = image.Pointer, Windows = y[0]!.Pointer, Index = y[1]?.Pointer ?? 0, IndexType = IndexType,
        };
        WindowDispatch.Run<PoolGather<MaxOfNumbers, MaxOfWindow>, PoolArguments>(x[0].DType, ref p);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => GpuPool.Max(gpu, ShapeFor(this, x[0].Shape), x[0], y[0]!, y[1], IndexType);

    /// <summary>Checks the positions that belong to windows of this shape.</summary>
    internal void CheckIndex(Op op, Tensor index, Shape output)
    {
        Check.Type(op, "index", index, IndexType);
        if (index.Shape != output) throw new ShapeException($"{op.Name}: index {index.Shape} must have the shape of the pooled tensor, {output}.");
    }
}
