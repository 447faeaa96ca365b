using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// Matrix products on a GPU. A few columns are summed along K at the speed of memory (<c>gemv.cu</c>), everything else in tiles (<c>gemm.cu</c>); where that
/// would leave the device idle, K is cut, and the parts' sums are added up in order (<c>gemm_finish.cu</c>).
/// Where <see cref="MatMulPrecision"/> allows it, tensor cores do the work.
/// </summary>
/// <remarks>How a product is computed depends on its sizes and strides and on the device's <see cref="TuningTable"/>, so it gives the same bits every time.</remarks>
internal static class GpuGemm
{
    /// <summary>Products of at most as many rows or columns are bound by memory.</summary>
    public const int FewColumns = 8;

    // Rows of a work item, columns of a work item, and the most work items of a group of gemv.cu.
    private const int VectorRows = 4, VectorColumns = 4, VectorGroup = 128;

    // A part of K has at least as many terms per work item (gemv) or steps (gemm): less is not worth the second pass.
    private const int LeastTerms = 32, LeastSteps = 8;

    // Large tiles read less per multiplication: small ones must save as much arithmetic.
    private const double SmallGain = 1.5;

    private static readonly KernelTable<TileKey> _tiled = new(static key => GpuSource.Real("gemm.cu", "gemm", key.Tiles.Group, key.DType,
    [
        ("TILE_M", $"{key.Tiles.M}"), ("TILE_N", $"{key.Tiles.N}"), ("TILE_K", $"{key.Tiles.K}"), ("ITEM_M", $"{key.Tiles.ItemM}"), ("ITEM_N", $"{key.Tiles.ItemN}"),
        ("RUN", $"{key.Run}"), ("ALONG_A", key.AlongA ? "1" : "0"), ("ALONG_B", key.AlongB ? "1" : "0"), ("VECTOR", $"{key.Vector}"), ("UNROLLED", key.Unrolled ? "1" : "0"),
    ]));

    private static readonly KernelTable<(DType DType, int Width, bool AlongA, int Group)> _few = new(static key => GpuSource.Real("gemv.cu", "gemv", key.Group, key.DType,
        [("ROWS", $"{VectorRows}"), ("WIDTH", $"{key.Width}"), ("ALONG_A", key.AlongA ? "1" : "0")]));

    private static readonly KernelTable<(DType DType, int Group)> _finish = new(static key => GpuSource.Real("gemm_finish.cu", "gemm_finish", key.Group, key.DType));

    private readonly record struct TileKey(DType DType, GemmTiles Tiles, int Run, bool AlongA, bool AlongB, int Vector, bool Unrolled);

    /// <summary>Hands the product to the current stream.</summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static void Run(GpuAccelerator gpu, in GpuGemmArguments arguments) => Run(gpu, gpu.Tuning, arguments);

    /// <summary>The same with the tiles of another table.</summary>
    /// <inheritdoc cref="Run(GpuAccelerator, in GpuGemmArguments)"/>
    public static void Run(GpuAccelerator gpu, TuningTable tuning, in GpuGemmArguments arguments)
    {
        GpuGemmArguments p = arguments;
        if ((p.M | p.N | p.K | p.Batch | p.Outer) < 0)
            throw new ArgumentException($"GpuGemm: sizes must not be negative, but [{p.M}, {p.K}] · [{p.K}, {p.N}], {p.Batch} times {p.Outer}, was asked for.");
        if (p.M == 0 || p.N == 0 || p.Batch == 0 || p.Outer == 0) return;
        Normalise(ref p);

        if (p.K == 0)
        {
            Finish(gpu, p, null, 0);
            return;
        }

        if (Math.Min(p.M, p.N) <= FewColumns)
        {
            if (p.M < p.N) Transpose(ref p);
            RunFew(gpu, tuning, p);
            return;
        }

        if (p.RowC == 1 && p.ColC != 1) Transpose(ref p);
        if (GpuTensorCores.Fit(gpu, p)) RunRounded(gpu, tuning, p);
        else RunTiles(gpu, tuning, p);
    }

    /// <summary>A dimension of length 1 has no stride; rows of a batch that follow each other are one tall product.</summary>
    private static void Normalise(ref GpuGemmArguments p)
    {
        if (p.M == 1) p.RowA = p.RowC = 0;
        if (p.N == 1) p.ColB = p.ColC = 0;
        if (p.K == 1) p.ColA = p.RowB = 0;
        if (p.Batch == 1)
        {
            (p.Batch, p.StepA, p.StepB, p.StepC) = (p.Outer, p.OuterA, p.OuterB, p.OuterC);
            p.Outer = 1;
        }

        if (p.Outer == 1) p.OuterA = p.OuterB = p.OuterC = 0;
        if (p.Batch == 1)
        {
            p.StepA = p.StepB = p.StepC = 0;
            return;
        }

        if (p.Outer > 1 || p.StepB != 0 || (p.Bias is not null && p.BiasPerRow)) return;
        if (p.M == 1) (p.RowA, p.RowC) = (p.StepA, p.StepC);
        else if (p.StepA != p.M * p.RowA || p.StepC != p.M * p.RowC) return;
        (p.M, p.Batch, p.StepA, p.StepC) = (p.M * p.Batch, 1, 0, 0);
    }

    /// <summary>Cᵀ = Bᵀ · Aᵀ.</summary>
    private static void Transpose(ref GpuGemmArguments p)
    {
        (p.M, p.N) = (p.N, p.M);
        (p.A, p.B, p.OffsetA, p.OffsetB) = (p.B, p.A, p.OffsetB, p.OffsetA);
        (p.RowA, p.ColA, p.RowB, p.ColB) = (p.ColB, p.RowB, p.ColA, p.RowA);
        (p.RowC, p.ColC) = (p.ColC, p.RowC);
        (p.StepA, p.StepB, p.OuterA, p.OuterB) = (p.StepB, p.StepA, p.OuterB, p.OuterA);
        p.BiasPerRow = !p.BiasPerRow;
    }

    private static void RunTiles(GpuAccelerator gpu, TuningTable tuning, in GpuGemmArguments p)
    {
        GemmTiles tiles = p.DType == DType.Float64 ? tuning.GemmDouble : Computed(tuning.Gemm, p) < SmallGain * Computed(tuning.GemmSmall, p) ? tuning.Gemm : tuning.GemmSmall;
        int vector = 16 / p.DType.Size;
        bool alongA = IsAlong(p.ColA, p.RowA), alongB = IsAlong(p.RowB, p.ColB);
        bool vectors = HasVectors(vector, alongA, p.ColA, p.K, p.RowA, p.M, p.OffsetA, p.StepA, p.OuterA) && HasVectors(vector, alongB, p.RowB, p.K, p.ColB, p.N, p.OffsetB, p.StepB, p.OuterB);
        TileKey key = new(p.DType, tiles, tuning.GemmRun == 0 ? Math.Max(tiles.ItemM, tiles.ItemN) : tuning.GemmRun / p.DType.Size, alongA, alongB, vectors ? vector : 1, tuning.GemmUnrolled);

        long groups = Ceiling(p.M, tiles.M) * Ceiling(p.N, tiles.N) * p.Batch * p.Outer;
        long depth = Depth(tuning, groups, p.K, LeastSteps * tiles.K, tiles.K);
        RunParts(gpu, p, _tiled[key], groups, depth, lanes: 0);
    }

    private static void RunRounded(GpuAccelerator gpu, TuningTable tuning, GpuGemmArguments p)
    {
        MatMulPrecision precision = MatMulPrecisions.Current;
        (Tensor a, Tensor b) = GpuTensorCores.Pack(gpu, precision, ref p);
        using (a)
        using (b)
        {
            int step = GpuTensorCores.StepDepth(precision);
            long groups = Ceiling(p.M, GpuTensorCores.Tile) * Ceiling(p.N, GpuTensorCores.Tile) * p.Batch * p.Outer;
            RunParts(gpu, p, GpuTensorCores.Kernel(precision), groups, Depth(tuning, groups, p.K, LeastSteps * step, step), lanes: 0);
        }
    }

    private static void RunFew(GpuAccelerator gpu, TuningTable tuning, in GpuGemmArguments p)
    {
        int group = Math.Min(VectorGroup, tuning.RowGroup), warp = tuning.Warp, width = p.N == 1 ? 1 : VectorColumns;
        bool along = IsAlong(p.ColA, p.RowA);

        // Along K, whole warps read neighbours; along M, as few lanes as keep the device busy.
        long terms = Math.Max(1, p.K / VectorRows);
        int most = along ? (int)Math.Min(group, (long)BitOperations.RoundUpToPowerOf2((ulong)terms)) : group / warp;
        int lanes = along ? Math.Min(warp, most) : 1;
        while (lanes < most && Groups(p, lanes) < tuning.BusyGroups) lanes *= 2;

        long groups = Groups(p, lanes);
        RunParts(gpu, p, _few[(p.DType, width, along, group)], groups, Depth(tuning, groups, p.K, LeastTerms * lanes, lanes), lanes);

        long Groups(in GpuGemmArguments p, int lanes) => Ceiling(p.M, group / lanes * VectorRows) * Ceiling(p.N, width) * p.Batch * p.Outer;
    }

    /// <summary>Elements that tiles compute, those beyond C's edges included.</summary>
    private static double Computed(GemmTiles tiles, in GpuGemmArguments p) => (double)Ceiling(p.M, tiles.M) * tiles.M * Ceiling(p.N, tiles.N) * tiles.N;

    /// <summary>Launches <paramref name="spec"/> for each part of K, and adds the parts up.</summary>
    private static void RunParts(GpuAccelerator gpu, in GpuGemmArguments p, KernelSpec spec, long groups, long depth, int lanes)
    {
        long parts = Ceiling(p.K, depth);
        GpuProduct product = Describe(p) with { Parts = parts, Depth = depth };
        if (parts == 1)
        {
            int vector = 16 / p.DType.Size;
            product.Vectors = HasVectors(vector, true, p.ColC, p.N, p.RowC, p.M, p.OffsetC, p.StepC, p.OuterC) ? 1 : 0;
            Launch(gpu, spec, groups, p.C, p.OffsetC, p, product, lanes);
            return;
        }

        using Tensor partial = Tensor.Empty(Shape.Create(p.Outer * p.Batch, parts, p.M, p.N), p.DType, gpu);
        product = product with
        {
            RowC = p.N, ColC = 1, StepC = parts * p.M * p.N, OuterC = p.Batch * parts * p.M * p.N, StepPart = p.M * p.N,
            Biased = 0, Accumulate = 0, Relu = 0, Vectors = 0,
        };
        Launch(gpu, spec, groups * parts, partial.Buffer, partial.Layout.Offset, p, product, lanes);
        Finish(gpu, p, partial, parts);
    }

    private static void Launch(GpuAccelerator gpu, KernelSpec spec, long groups, MemoryBuffer c, long offsetC, in GpuGemmArguments p, in GpuProduct product, int lanes)
    {
        KernelArguments arguments = new();
        arguments.Add(c, offsetC, written: true);
        arguments.Add(p.A, p.OffsetA, written: false);
        arguments.Add(p.B, p.OffsetB, written: false);
        arguments.Add(p.Bias, p.OffsetBias, written: false);
        arguments.Value(product);
        if (lanes > 0) arguments.Value(lanes);
        gpu.Launch(spec, new(groups), ref arguments);
    }

    private static void Finish(GpuAccelerator gpu, in GpuGemmArguments p, Tensor? partial, long parts)
    {
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Add(p.C, p.OffsetC, written: true);
        arguments.In(partial);
        arguments.Add(p.Bias, p.OffsetBias, written: false);
        arguments.Value(Describe(p) with { Parts = parts, StepPart = p.M * p.N });
        gpu.Launch(_finish[(p.DType, group)], LaunchSize.Covering(p.Outer * p.Batch * p.M * p.N, group), ref arguments);
    }

    internal static GpuProduct Describe(in GpuGemmArguments p) => new()
    {
        M = p.M, N = p.N, K = p.K, Batch = p.Batch, Outer = p.Outer,
        RowA = p.RowA, ColA = p.ColA, StepA = p.StepA, OuterA = p.OuterA,
        RowB = p.RowB, ColB = p.ColB, StepB = p.StepB, OuterB = p.OuterB,
        RowC = p.RowC, ColC = p.ColC, StepC = p.StepC, OuterC = p.OuterC,
        Biased = p.Bias is null ? 0 : 1, RowBias = p.BiasPerRow ? p.StepBias : 0, ColBias = p.BiasPerRow ? 0 : p.StepBias,
        Accumulate = p.Accumulate ? 1 : 0,
        Relu = p.Activation switch
        {
            Activation.None => 0,
            Activation.Relu => 1,
            _ => throw new ArgumentOutOfRangeException(nameof(p), p.Activation, "GpuGemm: not an activation."),
        },
    };

    /// <summary>Terms per part of K: all of them, or fewer where <paramref name="groups"/> groups leave the device idle.</summary>
    private static long Depth(TuningTable tuning, long groups, long k, long least, long unit)
    {
        long parts = Math.Min(Ceiling(tuning.BusyGroups, groups), k / least);
        return parts <= 1 ? k : Ceiling(Ceiling(k, parts), unit) * unit;
    }

    /// <summary>Whether neighbours in memory lie along the dimension of stride <paramref name="inner"/>.</summary>
    private static bool IsAlong(long inner, long outer) => inner == 1 || (outer != 1 && Math.Abs(inner) <= Math.Abs(outer));

    /// <summary>Whether a matrix consists of whole aligned vectors along K (<paramref name="along"/>) or across it.</summary>
    private static bool HasVectors(int vector, bool along, long inner, long innerLength, long outer, long outerLength, long offset, long step, long batches)
    {
        if (!along) (inner, innerLength, outer, outerLength) = (outer, outerLength, inner, innerLength);
        return inner == 1 && innerLength % vector == 0 && (outerLength == 1 || outer % vector == 0) && (offset | step | batches) % vector == 0;
    }

    private static long Ceiling(long a, long b) => (a + b - 1) / b;
}
