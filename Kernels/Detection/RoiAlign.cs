using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// Regions of interest by bilinear samples (RoIAlign, He et al. 2017): x [N, C, H, W], boxes [R, 5] → [R, C, height, width]. A box is (image, left, top, right,
/// bottom); it is scaled, cut into height · width bins without rounding, and a bin's value is the mean of samples × samples places in it, read bilinearly. A place
/// farther than a pixel outside counts 0.
/// </summary>
/// <param name="Height">Rows of bins.</param>
/// <param name="Width">Columns of bins.</param>
/// <param name="Scale">From the boxes' unit to pixels of x.</param>
/// <param name="Samples">Places per bin and axis; 0 stands for ⌈bin⌉, about one per pixel.</param>
/// <param name="Aligned">Whether a coordinate c means the place c − ½, the centre of pixel 0 being ½. Otherwise boxes have at least one pixel.</param>
public sealed record RoiAlign(int Height, int Width, double Scale, int Samples, bool Aligned) : Op
{
    public override string Name => nameof(RoiAlign);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.Rank(this, "x", x[0], 4, "[images, channels, height, width]");
        y[0] = new(dtype, Output(this, x[0].Shape, dtype, x[1]));
    }

    internal Shape Output(Op op, Shape input, DType dtype, Tensor boxes)
    {
        if (Samples < 0 || !(Scale > 0))
            throw new ArgumentException($"{op.Name}: {Samples} samples per bin and axis, scale {Scale}: samples are at least 0 (which chooses), the scale is positive.");
        return Boxes.Output(op, input, dtype, boxes, Height, Width);
    }

    internal RoiAlignArguments Arguments(Shape input, Tensor boxes, Tensor from, Tensor to) => new()
    {
        Op = this, Images = (int)input[0], Channels = (int)input[1], Rows = (int)input[2], Columns = (int)input[3], Count = (int)boxes.Shape[0],
        Boxes = boxes.Pointer, From = from.Pointer, To = to.Pointer,
    };

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed image = new(x[0]), boxes = new(x[1]);
        RoiAlignPass pass = new() { P = Arguments(x[0].Shape, boxes.Tensor, image.Tensor, y[0]!) };
        pass.Start(this, x[0].DType);
    }

    private static readonly KernelTable<(string Entry, DType DType, int Group)> _gpu = new(static key => GpuSource.Real("roi_align.cu", key.Entry, key.Group, key.DType));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunGpu(this, gpu, "roi_align", x[0].Shape, x[0], x[1], y[0]!);

    internal void RunGpu(Op op, GpuAccelerator gpu, string entry, Shape input, Tensor from, Tensor boxes, Tensor to)
    {
        using Packed packed = new(from), places = new(boxes);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(to);
        arguments.In(packed.Tensor);
        arguments.In(places.Tensor);
        arguments.Value(new Sizes(this, input, boxes.Shape[0]));
        arguments.Real(Scale, to.DType);
        arguments.Value(to.Count);
        gpu.Faults.AddTo(ref arguments, (box, image) => Boxes.NoImage(op, box, image, input));
        gpu.Launch(_gpu[(entry, to.DType, group)], LaunchSize.Covering(to.Count, group), ref arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Sizes(RoiAlign op, Shape input, long boxes)
    {
        public readonly long Images = input[0], Channels = input[1], Height = input[2], Width = input[3], Boxes = boxes;
        public readonly long Rows = op.Height, Columns = op.Width, Samples = op.Samples, Aligned = op.Aligned ? 1 : 0;
    }
}

/// <summary>
/// The transpose of <see cref="RoiAlign"/> for given boxes, and so its gradient: g [R, C, height, width], boxes [R, 5] → [N, C, H, W]. Sums are taken box by box.
/// </summary>
/// <param name="Forward">The sampling.</param>
/// <param name="Input">The shape of the images.</param>
public sealed record RoiAlignTransposed(RoiAlign Forward, Shape Input) : Op
{
    public override string Name => nameof(RoiAlignTransposed);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Shape output = Forward.Output(this, Input, dtype, x[1]);
        if (x[0].Shape != output) throw new ShapeException($"{Name}: gradient {x[0].Shape} does not belong to boxes {x[1].Shape} on {Input}, whose result is {output}.");
        y[0] = new(dtype, Input);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed gradient = new(x[0]), boxes = new(x[1]);
        RoiAlignPass pass = new() { P = Forward.Arguments(Input, boxes.Tensor, gradient.Tensor, y[0]!), Transposed = true };
        pass.Start(this, x[0].DType);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => Forward.RunGpu(this, gpu, "roi_align_transposed", Input, x[0], x[1], y[0]!);
}
