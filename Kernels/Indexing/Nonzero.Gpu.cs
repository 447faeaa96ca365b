using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

public sealed partial record Nonzero
{
    private const int ItemsPerWorkItem = 8;     // ITEMS of nonzero.cu

    private static readonly KernelTable<(DType Type, int Group)> _count = new(key => new(GpuSource.File("nonzero.cu"), "nonzero_count", key.Group, ("T", GpuTypes.Number(key.Type))));
    private static readonly KernelTable<(DType Type, int Group)> _list = new(key => new(GpuSource.File("nonzero.cu"), "nonzero_list", key.Group, ("T", GpuTypes.Number(key.Type))));
    private static readonly KernelTable<int> _scan = new(group => new(GpuSource.File("nonzero_scan.cu"), "nonzero_scan", group));

    private protected override unsafe void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].Count == 0 || (!Flat && x[0].Rank == 0)) return;
        using Packed packed = new(x[0]);
        using Tensor before = CountParts(gpu, packed.Tensor);
        int group = gpu.Tuning.RowGroup;
        Lengths lengths = default;
        x[0].Shape.Span.CopyTo(new(lengths.Length, Shape.MaxRank));
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(packed.Tensor);
        arguments.In(before);
        arguments.Value(x[0].Count);
        arguments.Value(Flat ? 0 : x[0].Rank);
        arguments.Value(lengths);
        gpu.Launch(_list[(x[0].DType, group)], new(Parts(x[0].Count, group)), ref arguments);
    }

    private static unsafe long CountOnGpu(GpuAccelerator gpu, Tensor packed)
    {
        if (packed.Count == 0) return 0;
        using Tensor before = CountParts(gpu, packed);
        long count;
        gpu.CopyToHost(before.Buffer, (before.Count - 1) * sizeof(long), &count, sizeof(long));
        return count;
    }

    /// <summary>How many elements that are not zero lie before each group's part, and last how many there are.</summary>
    private static Tensor CountParts(GpuAccelerator gpu, Tensor packed)
    {
        int group = gpu.Tuning.RowGroup;
        long parts = Parts(packed.Count, group);
        Tensor before = Tensor.Empty([parts + 1], DType.Int64, gpu);
        KernelArguments count = new();
        count.Out(before);
        count.In(packed);
        count.Value(packed.Count);
        gpu.Launch(_count[(packed.DType, group)], new(parts), ref count);
        KernelArguments scan = new();
        scan.Out(before);
        scan.Value(parts);
        gpu.Launch(_scan[group], new(1), ref scan);
        return before;
    }

    private static long Parts(long count, int group) => (count + group * ItemsPerWorkItem - 1) / (group * ItemsPerWorkItem);

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Lengths
    {
        public fixed long Length[Shape.MaxRank];
    }
}
