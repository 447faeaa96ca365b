using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>Launches the kernels of <c>grid_sample.cu</c>.</summary>
internal static class GpuGrid
{
    private static readonly KernelTable<(string Entry, DType DType, int Group)> _kernels = new(static key => GpuSource.Real("grid_sample.cu", key.Entry, key.Group, key.DType));

    public static void Sample(GpuAccelerator gpu, GridSample op, Tensor x, Tensor grid, Tensor y)
    {
        using Packed image = new(x), places = new(grid);
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.In(image.Tensor);
        arguments.In(places.Tensor);
        arguments.Value(new Sampling(op, x.Shape, grid.Shape));
        Launch(gpu, "grid_sample", y.DType, x.Shape[0] * grid.Shape[1] * grid.Shape[2], ref arguments);
    }

    /// <summary>
    /// What every place reads is put in the order of pixels; then each pixel adds up what belongs to it, in the order of places. So no two work items write to
    /// one pixel.
    /// </summary>
    public static void Transposed(GpuAccelerator gpu, GridSample op, Shape input, Tensor g, Tensor grid, Tensor dx)
    {
        if (dx.Count == 0) return;
        Sampling p = new(op, input, grid.Shape);
        long places = grid.Shape[1] * grid.Shape[2], reads = places * op.Taps, images = input[0];
        if (places == 0)
        {
            dx.FillInPlace(0);
            return;
        }

        using Packed gradient = new(g), coordinates = new(grid);
        using Tensor pixels = Tensor.Empty([images, reads], DType.Int64, gpu), weights = Tensor.Empty([images, reads], g.DType, gpu);
        KernelArguments find = new();
        find.Out(pixels);
        find.Out(weights);
        find.In(coordinates.Tensor);
        find.Value(p);
        Launch(gpu, "grid_find", g.DType, images * places, ref find);

        using Tensor order = new ArgSort(1, reads, Descending: false).Execute(pixels);
        using Tensor starts = Tensor.Empty([images, input[2] * input[3] + 1], DType.Int64, gpu);
        KernelArguments bound = new();
        bound.Out(starts);
        bound.In(pixels);
        bound.In(order);
        bound.Value(reads);
        bound.Value(starts.Shape[1]);
        bound.Value(starts.Count);
        Launch(gpu, "grid_starts", g.DType, starts.Count, ref bound);

        KernelArguments collect = new();
        collect.Out(dx);
        collect.In(gradient.Tensor);
        collect.In(weights);
        collect.In(order);
        collect.In(starts);
        collect.Value(p);
        collect.Value(dx.Count);
        Launch(gpu, "grid_collect", g.DType, dx.Count, ref collect);
    }

    private static void Launch(GpuAccelerator gpu, string entry, DType dtype, long items, ref KernelArguments arguments)
    {
        int group = gpu.Tuning.MapGroup;
        gpu.Launch(_kernels[(entry, dtype, group)], LaunchSize.Covering(items, group), ref arguments);
    }

    /// <summary>As <c>grid_sample.cu</c> declares it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Sampling(GridSample op, Shape input, Shape grid)
    {
        public readonly long Images = input[0], Channels = input[1], Height = input[2], Width = input[3], Places = grid[1] * grid[2];
        public readonly long Linear = op.Linear ? 1 : 0, Border = (long)op.Border, Aligned = op.AlignCorners ? 1 : 0, OrderX = op.OrderX, OrderY = op.OrderY;
    }
}
