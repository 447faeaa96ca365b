using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// Launches the implicit products. Where the tiles of the result would leave the device idle, or a sum would become long enough to lose digits, K is cut and the parts'
/// sums are added up in order.
/// </summary>
internal static class GpuImplicitProduct
{
    // A part of K has at least as many steps: less is not worth the second pass.
    private const int LeastSteps = 8;

    // Terms of one running sum: rounding errors grow with their number. And bytes of partial sums that more of them may take.
    private const int MostTerms = 8192;
    private const long MostPartialBytes = 64 << 20;

    /// <summary>Few filters, or channels, take tiles with fewer rows, but not fewer than these.</summary>
    public const int LeastRows = 16;

    private static readonly KernelTable<(string Name, DType DType, GemmTiles Tiles, int Run, bool Unrolled, bool Volume)> _products = new(static key
        => GpuSource.Real($"{key.Name}.cu", key.Name, key.Tiles.Group, key.DType,
        [
            ("TILE_M", $"{key.Tiles.M}"), ("TILE_N", $"{key.Tiles.N}"), ("TILE_K", $"{key.Tiles.K}"), ("ITEM_M", $"{key.Tiles.ItemM}"), ("ITEM_N", $"{key.Tiles.ItemN}"),
            ("RUN", $"{key.Run}"), ("UNROLLED", key.Unrolled ? "1" : "0"), GpuDepths.Definition(key.Volume),
        ]));

    private static readonly KernelTable<(DType DType, int Group)> _add = new(static key => GpuSource.Real("add_parts.cu", "add_parts", key.Group, key.DType));

    /// <summary>The tiles of a product with many rows: those of <see cref="GpuGemm"/>.</summary>
    public static GemmTiles Tiles(GpuAccelerator gpu, DType dtype) => dtype == DType.Float64 ? gpu.Tuning.GemmDouble : gpu.Tuning.Gemm;

    /// <summary>
    /// The tiles of a product with <paramref name="rows"/> rows: halved down to them, a work item's share before the number of work items, so that a group stays large
    /// enough to load its columns quickly.
    /// </summary>
    public static GemmTiles Tiles(GpuAccelerator gpu, DType dtype, int rows)
    {
        GemmTiles tiles = Tiles(gpu, dtype);
        while (tiles.M > LeastRows && tiles.M / 2 >= rows)
        {
            tiles = tiles.ItemM > 4 ? tiles with { M = tiles.M / 2, ItemM = tiles.ItemM / 2 }
                : tiles.ItemN > 4 ? tiles with { M = tiles.M / 2, ItemN = tiles.ItemN / 2 }
                : tiles with { M = tiles.M / 2 };
        }

        return tiles;
    }

    /// <summary>y from x and the weight, or <paramref name="backward"/> dx from g and the weight.</summary>
    public static void Maps(GpuAccelerator gpu, in ConvolutionShape p, in ConvolutionOperands operands, bool backward)
    {
        int rows = backward ? p.GroupChannels : p.GroupFilters, planes = backward ? p.GroupFilters : p.GroupChannels;
        Tensor from = backward ? operands.Y : operands.X, to = backward ? operands.X : operands.Y;
        GemmTiles tiles = Tiles(gpu, operands.DType, rows);
        Window d = p.Depth, v = p.Plane.Vertical, h = p.Plane.Horizontal;
        long pixels = backward ? Ceiling(p.InputDepth, d.Stride) * Ceiling(p.Plane.Height, v.Stride) * Ceiling(p.Plane.Width, h.Stride) : p.OutputVolume;
        long phases = backward ? (long)d.Stride * v.Stride * h.Stride : 1;
        long groups = Ceiling(rows, tiles.M) * Ceiling(p.Images * pixels, tiles.N) * phases * p.Groups;
        long terms = (long)planes * p.Taps, depth = Depth(gpu, groups, terms, tiles.K, to);
        int parts = (int)Ceiling(terms, depth);

        using Tensor? partial = parts > 1 ? Tensor.Empty(Shape.Create(parts, to.Count), to.DType, gpu) : null;
        KernelArguments arguments = new();
        arguments.Out(partial ?? to);
        arguments.In(operands.Weight);
        arguments.In(from);
        arguments.In(partial is null ? operands.Bias : null);
        arguments.Value(new MapSizes
        {
            Images = p.Images, Groups = p.Groups, Rows = rows, Planes = planes, Backward = backward ? 1 : 0, Depth = depth, StepPart = to.Count,
            Biased = partial is null && operands.Bias is not null ? 1 : 0, Windows = new(p.Plane), Depths = new(p),
        });
        gpu.Launch(Product(gpu, "implicit_gemm", p, operands.DType, tiles), new(groups, parts), ref arguments);
        if (partial is not null) Add(gpu, partial, to, operands.Bias, p.OutputVolume, p.Filters);
    }

    /// <summary>dw from x and g.</summary>
    public static void Weights(GpuAccelerator gpu, in ConvolutionShape p, in ConvolutionOperands operands)
    {
        Tensor to = operands.Weight;
        GemmTiles tiles = Tiles(gpu, operands.DType, p.GroupFilters);
        long groups = Ceiling(p.GroupFilters, tiles.M) * Ceiling((long)p.GroupChannels * p.Taps, tiles.N) * p.Groups;
        long terms = (long)p.Images * p.OutputVolume, depth = Depth(gpu, groups, terms, tiles.K, to);
        int parts = Math.Max(1, (int)Ceiling(terms, depth));

        using Tensor? partial = parts > 1 ? Tensor.Empty(Shape.Create(parts, to.Count), to.DType, gpu) : null;
        KernelArguments arguments = new();
        arguments.Out(partial ?? to);
        arguments.In(operands.Y);
        arguments.In(operands.X);
        arguments.Value(new WeightSizes
        {
            Images = p.Images, Groups = p.Groups, Filters = p.GroupFilters, Channels = p.GroupChannels, Depth = depth, StepPart = to.Count, Windows = new(p.Plane), Depths = new(p),
        });
        gpu.Launch(Product(gpu, "implicit_weights", p, operands.DType, tiles), new(groups, parts), ref arguments);
        if (partial is not null) Add(gpu, partial, to, null, 1, 1);
    }

    private static KernelSpec Product(GpuAccelerator gpu, string name, in ConvolutionShape p, DType dtype, GemmTiles tiles)
        => _products[(name, dtype, tiles, gpu.Tuning.GemmRun == 0 ? Math.Max(tiles.ItemM, tiles.ItemN) : gpu.Tuning.GemmRun / dtype.Size, gpu.Tuning.GemmUnrolled, p.IsVolume)];

    /// <summary>Terms per part of K, in whole steps of <paramref name="step"/>.</summary>
    private static long Depth(GpuAccelerator gpu, long groups, long terms, int step, Tensor to)
    {
        long busy = Math.Min(Ceiling(gpu.Tuning.BusyGroups, groups), terms / (LeastSteps * step));
        long exact = Math.Min(Ceiling(terms, MostTerms), MostPartialBytes / (to.Count * to.DType.Size));
        long parts = Math.Clamp(Math.Max(busy, exact), 1, LaunchSize.MostYZ);
        return Math.Max(step, Ceiling(Ceiling(terms, parts), step) * step);
    }

    private static void Add(GpuAccelerator gpu, Tensor partial, Tensor to, Tensor? bias, long pixels, long filters)
    {
        KernelArguments arguments = new();
        arguments.Out(to);
        arguments.In(partial);
        arguments.In(bias);
        arguments.Value(to.Count);
        arguments.Value(partial.Shape[0]);
        arguments.Value(pixels);
        arguments.Value(filters);
        arguments.Value(bias is null ? 0 : 1);
        int group = gpu.Tuning.MapGroup;
        gpu.Launch(_add[(to.DType, group)], LaunchSize.Covering(to.Count, group), ref arguments);
    }

    private static long Ceiling(long a, long b) => (a + b - 1) / b;

    /// <summary>As <c>implicit_gemm.cu</c> declares it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MapSizes
    {
        public long Images, Groups, Rows, Planes, Backward, Depth, StepPart, Biased;
        public GpuWindows Windows;
        public GpuDepths Depths;
    }

    /// <summary>As <c>implicit_weights.cu</c> declares it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct WeightSizes
    {
        public long Images, Groups, Filters, Channels, Depth, StepPart;
        public GpuWindows Windows;
        public GpuDepths Depths;
    }
}
