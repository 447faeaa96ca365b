using System.Globalization;
using System.Numerics;

namespace Gradwright.Kernels;

public sealed partial record ArgSort
{
    private static readonly KernelTable<(DType Type, int Tile, int Group)> _tiles = new(key =>
    {
        (string, string)[] defines = [("KEY", key.Type.Size == 8 ? "u64" : "u32"), ("TILE", key.Tile.ToString(CultureInfo.InvariantCulture))];
        return key.Type.IsFloating ? GpuSource.Real("sort_tiles.cu", "sort_tiles", key.Group, key.Type, [.. defines, ("T", "REAL"), ("FLOATING", "1")])
            : new(GpuSource.File("sort_tiles.cu"), "sort_tiles", key.Group, [.. defines, ("T", GpuTypes.Number(key.Type)), ("FLOATING", "0")]);
    });

    private static readonly KernelTable<(bool IsWide, int Group)> _merge = new(key => new(GpuSource.File("merge_runs.cu"), "merge_runs", key.Group, ("KEY", key.IsWide ? "u64" : "u32")));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed packed = new(x[0]);
        AxisView view = new(x[0].Shape, Axis);
        long length = checked((int)view.Length), lines = view.Outer * view.Inner;
        int tile = gpu.Tuning.SortTile, group = gpu.Tuning.RowGroup;
        long tiles = (length + tile - 1) / tile, width = tiles > 1 ? tile : (long)BitOperations.RoundUpToPowerOf2((ulong)length);
        bool wide = x[0].DType.Size == 8;
        using Runs one = new(gpu, tiles > 1 ? lines * length : 0, wide), two = new(gpu, tiles > 2 ? lines * length : 0, wide);
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.Out(one.Keys);
        arguments.Out(one.Places);
        arguments.In(packed.Tensor);
        arguments.Value(lines);
        arguments.Value(length);
        arguments.Value(view.Inner);
        arguments.Value(Length);
        arguments.Value(tiles);
        arguments.Value(BitOperations.Log2((ulong)width));
        arguments.Value(Descending ? 1 : 0);
        gpu.Launch(_tiles[(x[0].DType, tile, group)], LaunchSize.Covering(lines * tiles, (int)(tile / width)), ref arguments);
        Runs from = one, to = two;
        for (; width < length; width *= 2)
        {
            bool last = 2 * width >= length;
            KernelArguments merge = new();
            merge.Out(last ? y[0] : null);
            merge.Out(last ? null : to.Keys);
            merge.Out(last ? null : to.Places);
            merge.In(from.Keys);
            merge.In(from.Places);
            merge.Value(lines);
            merge.Value(length);
            merge.Value(view.Inner);
            merge.Value(Length);
            merge.Value(BitOperations.Log2((ulong)width));
            merge.Value(last ? 1 : 0);
            gpu.Launch(_merge[(wide, gpu.Tuning.MapGroup)], LaunchSize.Covering(lines * length, gpu.Tuning.MapGroup), ref merge);
            (from, to) = (to, from);
        }
    }

    /// <summary>Keys and positions between two passes.</summary>
    private sealed class Runs(GpuAccelerator gpu, long count, bool isWide) : IDisposable
    {
        public Tensor? Keys { get; } = count == 0 ? null : Tensor.Empty([count], isWide ? DType.Int64 : DType.Int32, gpu);

        public Tensor? Places { get; } = count == 0 ? null : Tensor.Empty([count], DType.Int32, gpu);

        public void Dispose()
        {
            Keys?.Dispose();
            Places?.Dispose();
        }
    }
}
