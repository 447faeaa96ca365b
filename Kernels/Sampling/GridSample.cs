namespace Gradwright.Kernels;

/// <summary>
/// Images read at any places: x [N, C, H, W], grid [N, OH, OW, 2] → [N, C, OH, OW]; grid[…, 0] goes from −1 (left) to 1 (right), grid[…, 1] from top to bottom. Or a
/// derivative of it by the coordinates: then the weights of the four neighbours are differentiated. A NaN counts as outside; where there is no outside, as the left
/// or upper end.
/// </summary>
/// <param name="Linear">Between the four neighbours, instead of the nearest pixel (halves to even).</param>
/// <param name="Border">What lies outside.</param>
/// <param name="AlignCorners">Whether ±1 are the centres of the outermost pixels, instead of their outer edges.</param>
/// <param name="OrderX">How often differentiated by grid[…, 0]: 0 or 1.</param>
/// <param name="OrderY">How often differentiated by grid[…, 1]: 0 or 1.</param>
public sealed record GridSample(bool Linear, GridBorder Border, bool AlignCorners, int OrderX = 0, int OrderY = 0) : Op
{
    public override string Name => nameof(GridSample);

    /// <summary>Pixels that a place reads.</summary>
    internal int Taps => Linear ? 4 : 1;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.Rank(this, "x", x[0], 4, "[images, channels, height, width]");
        CheckGrid(this, x[0].Shape, dtype, x[1]);
        y[0] = new(dtype, Shape.Create(x[0].Shape[0], x[0].Shape[1], x[1].Shape[1], x[1].Shape[2]));
    }

    internal static void CheckGrid(Op op, Shape input, DType dtype, Tensor grid)
    {
        Check.Type(op, "grid", grid, dtype);
        if (grid.Rank != 4 || grid.Shape[0] != input[0] || grid.Shape[3] != 2)
            throw new ShapeException($"{op.Name}: grid {grid.Shape} must be [images, height, width, 2], with {input[0]} images as in {input}: for every place x and y.");
        if (input[2] < 1 || input[3] < 1 || input[2] * input[3] > int.MaxValue)
            throw new ShapeException($"{op.Name}: images of {input[2]} · {input[3]} pixels cannot be sampled; 1 to {int.MaxValue} are allowed.");
    }

    internal GridArguments Arguments(Shape input, Tensor grid, Tensor from, Tensor to) => new()
    {
        Op = this, Images = (int)input[0], Channels = (int)input[1], Height = (int)input[2], Width = (int)input[3], Places = checked((int)(grid.Shape[1] * grid.Shape[2])),
        Grid = grid.Pointer, From = from.Pointer, To = to.Pointer,
    };

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed image = new(x[0]), grid = new(x[1]);
        GridPass pass = new() { P = Arguments(x[0].Shape, grid.Tensor, image.Tensor, y[0]!) };
        ByType.Floating(this, x[0].DType, ref pass);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => GpuGrid.Sample(gpu, this, x[0], x[1], y[0]!);
}

/// <summary>
/// The transpose of <see cref="GridSample"/> for a given grid, and so its gradient by the image: g [N, C, OH, OW], grid [N, OH, OW, 2] → [N, C, H, W]. Sums are
/// taken in the order of places.
/// </summary>
/// <param name="Forward">The sampling.</param>
/// <param name="Input">The shape of the image.</param>
public sealed record GridSampleTransposed(GridSample Forward, Shape Input) : Op
{
    public override string Name => nameof(GridSampleTransposed);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        GridSample.CheckGrid(this, Input, dtype, x[1]);
        Shape output = Shape.Create(Input[0], Input[1], x[1].Shape[1], x[1].Shape[2]);
        if (x[0].Shape != output)
            throw new ShapeException($"{Name}: gradient {x[0].Shape} does not belong to images {Input} sampled on a grid {x[1].Shape}, whose result is {output}.");
        y[0] = new(dtype, Input);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed gradient = new(x[0]), grid = new(x[1]);
        GridPass pass = new() { P = Forward.Arguments(Input, grid.Tensor, gradient.Tensor, y[0]!), Transposed = true };
        ByType.Floating(this, x[0].DType, ref pass);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => GpuGrid.Transposed(gpu, Forward, Input, x[0], x[1], y[0]!);
}
