using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// Convolutions as products with columns in memory: [channels · taps, images · pixels], as many images at a time as <see cref="ColumnBytes"/> hold. Results and input
/// gradients are a product per image, in batches; the weight gradient is one product per slice of images, K being their pixels.
/// </summary>
internal static class GpuColumnProduct
{
    /// <summary>Bytes of columns at a time; one image's at least.</summary>
    public const long ColumnBytes = 32 << 20;

    private static readonly KernelTable<(string Entry, DType DType, int Group)> _kernels = new(static key => GpuSource.Real("im2col.cu", key.Entry, key.Group, key.DType));

    public static void Forward(GpuAccelerator gpu, in ConvolutionShape p, in ConvolutionOperands operands)
    {
        int slice = Slice(p, operands.DType, p.IsPointwise);
        using Tensor? columns = p.IsPointwise ? null : NewColumns(gpu, p, operands.DType, slice);
        for (int first = 0; first < p.Images; first += slice)
        {
            int images = Math.Min(slice, p.Images - first);
            if (columns is not null) Gather(gpu, p, operands.X, first, images, columns);
            Matrix x = columns is null ? Maps(operands.X, first, p.Channels, p.Plane.OutputPixels) : OfColumns(p, columns, images);
            Matrix y = Maps(operands.Y, first, p.Filters, p.Plane.OutputPixels);
            for (int group = 0; group < p.Groups; group++)
            {
                GpuGemm.Run(gpu, new()
                {
                    DType = operands.DType, Batch = images, M = p.GroupFilters, N = p.Plane.OutputPixels, K = (long)p.GroupChannels * p.Taps,
                    A = operands.Weight.Buffer, OffsetA = WeightOffset(p, operands.Weight, group), RowA = (long)p.GroupChannels * p.Taps, ColA = 1,
                    B = x.Buffer, OffsetB = x.Offset + (long)group * p.GroupChannels * p.Taps * x.Row, RowB = x.Row, ColB = 1, StepB = x.Step,
                    C = y.Buffer, OffsetC = y.Offset + (long)group * p.GroupFilters * y.Row, RowC = y.Row, ColC = 1, StepC = y.Step,
                    Bias = operands.Bias?.Buffer, OffsetBias = (operands.Bias?.Layout.Offset ?? 0) + (long)group * p.GroupFilters, BiasPerRow = true,
                });
            }
        }
    }

    public static void InputGradient(GpuAccelerator gpu, in ConvolutionShape p, in ConvolutionOperands operands)
    {
        int slice = Slice(p, operands.DType, p.IsPointwise);
        using Tensor? columns = p.IsPointwise ? null : NewColumns(gpu, p, operands.DType, slice);
        for (int first = 0; first < p.Images; first += slice)
        {
            int images = Math.Min(slice, p.Images - first);
            Matrix dx = columns is null ? Maps(operands.X, first, p.Channels, p.Plane.OutputPixels) : OfColumns(p, columns, images);
            Matrix g = Maps(operands.Y, first, p.Filters, p.Plane.OutputPixels);
            for (int group = 0; group < p.Groups; group++)
            {
                GpuGemm.Run(gpu, new()
                {
                    DType = operands.DType, Batch = images, M = (long)p.GroupChannels * p.Taps, N = p.Plane.OutputPixels, K = p.GroupFilters,
                    A = operands.Weight.Buffer, OffsetA = WeightOffset(p, operands.Weight, group), RowA = 1, ColA = (long)p.GroupChannels * p.Taps,
                    B = g.Buffer, OffsetB = g.Offset + (long)group * p.GroupFilters * g.Row, RowB = g.Row, ColB = 1, StepB = g.Step,
                    C = dx.Buffer, OffsetC = dx.Offset + (long)group * p.GroupChannels * p.Taps * dx.Row, RowC = dx.Row, ColC = 1, StepC = dx.Step,
                });
            }

            if (columns is not null) Scatter(gpu, p, columns, operands.X, first, images);
        }
    }

    public static void WeightGradient(GpuAccelerator gpu, in ConvolutionShape p, in ConvolutionOperands operands)
    {
        int slice = Slice(p, operands.DType, pointwise: false), pixels = p.Plane.OutputPixels;
        using Tensor columns = NewColumns(gpu, p, operands.DType, slice), turned = Tensor.Empty(Shape.Create(p.Filters, (long)slice * pixels), operands.DType, gpu);
        for (int first = 0; first == 0 || first < p.Images; first += slice)
        {
            // g with its filters outermost, as the columns have their channels.
            int images = Math.Min(slice, p.Images - first);
            long length = (long)images * pixels;
            Gather(gpu, p, operands.X, first, images, columns);
            Turn(operands.Y, first, images, turned);
            for (int group = 0; group < p.Groups; group++)
            {
                GpuGemm.Run(gpu, new()
                {
                    DType = operands.DType, M = p.GroupFilters, N = (long)p.GroupChannels * p.Taps, K = length,
                    A = turned.Buffer, OffsetA = turned.Layout.Offset + group * p.GroupFilters * length, RowA = length, ColA = 1,
                    B = columns.Buffer, OffsetB = columns.Layout.Offset + (long)group * p.GroupChannels * p.Taps * length, RowB = 1, ColB = length,
                    C = operands.Weight.Buffer, OffsetC = WeightOffset(p, operands.Weight, group), RowC = (long)p.GroupChannels * p.Taps, ColC = 1,
                    Accumulate = first > 0,
                });
            }
        }
    }

    /// <summary>Images at a time.</summary>
    private static int Slice(in ConvolutionShape p, DType dtype, bool pointwise)
    {
        long bytes = (long)p.Channels * p.Taps * p.Plane.OutputPixels * dtype.Size;
        return pointwise ? Math.Max(p.Images, 1) : (int)Math.Clamp(ColumnBytes / bytes, 1, Math.Max(p.Images, 1));
    }

    private static Tensor NewColumns(GpuAccelerator gpu, in ConvolutionShape p, DType dtype, int slice)
        => Tensor.Empty(Shape.Create((long)p.Channels * p.Taps, (long)slice * p.Plane.OutputPixels), dtype, gpu);

    private static long WeightOffset(in ConvolutionShape p, Tensor weight, int group) => weight.Layout.Offset + (long)group * p.GroupFilters * p.GroupChannels * p.Taps;

    private static Matrix Maps(Tensor maps, int first, int planes, int pixels)
        => new(maps.Buffer, maps.Layout.Offset + (long)first * planes * pixels, pixels, (long)planes * pixels);

    private static Matrix OfColumns(in ConvolutionShape p, Tensor columns, int images)
        => new(columns.Buffer, columns.Layout.Offset, (long)images * p.Plane.OutputPixels, p.Plane.OutputPixels);

    /// <summary>The maps [images, filters, pixels] as [filters, images · pixels].</summary>
    private static void Turn(Tensor maps, int first, int images, Tensor turned)
    {
        long filters = maps.Shape[1], pixels = maps.Count / Math.Max(maps.Shape[0] * filters, 1);
        using Tensor lines = new Reshape([maps.Shape[0], filters, pixels]).Execute(maps), from = new Slice(0, first, images).Execute(lines), permuted = new Permute([1, 0, 2]).Execute(from);
        using Tensor flat = new Reshape(Shape.Create(turned.Count)).Execute(turned), part = new Slice(0, 0, filters * images * pixels).Execute(flat);
        using Tensor to = new Reshape(permuted.Shape).Execute(part);
        new Copy().ExecuteInto(to, permuted);
    }

    private static void Gather(GpuAccelerator gpu, in ConvolutionShape p, Tensor x, int first, int images, Tensor columns)
    {
        int group = gpu.Tuning.MapGroup;
        long length = (long)images * p.Plane.OutputPixels;
        KernelArguments arguments = new();
        arguments.Out(columns);
        arguments.Add(x.Buffer, x.Layout.Offset + (long)first * p.Channels * p.Plane.ImagePixels, written: false);
        arguments.Value(new Sizes(p, images));
        gpu.Launch(_kernels[("image_to_columns", x.DType, group)], new((length + group - 1) / group * p.Channels * p.Taps), ref arguments);
    }

    private static void Scatter(GpuAccelerator gpu, in ConvolutionShape p, Tensor columns, Tensor dx, int first, int images)
    {
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Add(dx.Buffer, dx.Layout.Offset + (long)first * p.Channels * p.Plane.ImagePixels, written: true);
        arguments.In(columns);
        arguments.Value(new Sizes(p, images));
        gpu.Launch(_kernels[("columns_to_image", dx.DType, group)], LaunchSize.Covering((long)images * p.Channels * p.Plane.ImagePixels, group), ref arguments);
    }

    /// <summary>Matrices of a batch whose columns are neighbours.</summary>
    private readonly record struct Matrix(MemoryBuffer Buffer, long Offset, long Row, long Step);

    /// <summary>As <c>im2col.cu</c> declares it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Sizes(in ConvolutionShape p, int images)
    {
        public readonly long Images = images, Channels = p.Channels;
        public readonly GpuWindows Windows = new(p.Plane);
    }
}
