using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Chooses how a product is computed, from its sizes and strides alone, and cuts it into independent pieces of C for the threads. No
/// element's order of additions depends on the cut, so the cut may depend on the number of threads and the result does not.
/// </summary>
internal static unsafe class GemmDriver<T, V, S>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    private enum Way
    {
        Blocks,
        Dots,
        Vector,
        Nothing,
    }

    /// <summary>Computes a product whose C has contiguous rows.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void Run(ref GemmArguments<T> p, WorkerPool? pool)
    {
        Way way = Choose(p);
        int part = PartOfK(p, way);
        if (part < p.K)
        {
            RunParts(p, way, part, pool ?? WorkerPool.Shared);
            return;
        }

        long products = (long)p.M * p.N * p.K * Math.Max(p.Taps, 1);
        long parallel = way == Way.Blocks ? GemmBlocking.ParallelProducts : GemmBlocking.ParallelStreams;
        long all = products * p.Batch;
        if (all > parallel && (pool ??= WorkerPool.Shared).Threads > 1)
        {
            Grid grid = Cut(p, way, products, pool.Threads);
            pool.Run(grid.Tasks, ref grid, brief: all < parallel * GemmBlocking.WakeFactor);
            return;
        }

        for (int item = 0; item < p.Batch; item++)
        {
            Piece(ref p, way, 0, p.M, 0, p.N);
            Step(ref p, 1);
        }
    }

    private static Way Choose(in GemmArguments<T> p)
    {
        if (p.K == 0) return Way.Nothing;
        if (p.PanelB != 0 || p.Taps > 1) return Way.Blocks;
        if (VectorProduct<T, V, S>.Fits(p)) return Way.Vector;
        return DotProduct<T, V, S>.Fits(p) ? Way.Dots : Way.Blocks;
    }

    /// <summary>
    /// Length of the parts of K that are summed by themselves, from the sizes alone; K for no cut. Where C is small and K long, the grid over C has little to share out, and
    /// each of its pieces reads much of A and B. A row vector's parts read whole rows of B.
    /// </summary>
    private static int PartOfK(in GemmArguments<T> p, Way way)
    {
        if (p.Batch != 1 || p.Taps > 1 || p.PanelB != 0) return p.K;
        long elements = (long)p.M * p.N, products = elements * p.K;
        bool vector = way == Way.Vector && p.ColB == 1;
        if (vector ? p.N > GemmBlocking.VectorColumns || products < GemmBlocking.VectorPartElements
            : way != Way.Blocks || elements > GemmBlocking.PartElements || products < GemmBlocking.PartProducts) return p.K;
        int parts = Math.Clamp(p.K / (vector ? GemmBlocking.VectorPartLength : GemmBlocking.PartLength), 1, GemmBlocking.MostParts);
        return Ceiling(Ceiling(p.K, parts), GemmBlocking.PartUnit) * GemmBlocking.PartUnit;
    }

    /// <summary>A product whose K is cut: the first part goes to C, the others to a buffer each, and are added in order.</summary>
    private static void RunParts(in GemmArguments<T> p, Way way, int length, WorkerPool pool)
    {
        KParts job = new()
        {
            Product = p with { RowBias = null, Addend = null, Activation = Activation.None }, Way = way, Length = length, Parts = Ceiling(p.K, length), Sums = (T*)GemmWorkspace.Sums,
        };
        pool.Run(job.Parts, ref job);
        job.Add();
        delegate*<T*, nint, int, int, T*, T*, void> finish = GemmFinish<T, V, S>.For(p);
        if (finish != null) finish(p.C, p.RowC, p.M, p.N, p.RowBias, p.Addend);
    }

    private static void Piece(ref GemmArguments<T> p, Way way, int i0, int m, int j0, int n)
    {
        if (way == Way.Blocks) BlockedProduct<T, V, S>.Run(ref p, i0, m, j0, n);
        else if (way == Way.Dots) DotProduct<T, V, S>.Run(ref p, i0, m, j0, n);
        else if (way == Way.Vector) VectorProduct<T, V, S>.Run(ref p, j0, n);
        else Empty(ref p);
    }

    /// <summary>K = 0: a product without terms.</summary>
    private static void Empty(ref GemmArguments<T> p)
    {
        for (int i = 0; i < p.M; i++) VectorProduct<T, V, S>.Start(p.C + i * p.RowC, p.N, p.Bias, p.Accumulate);
        delegate*<T*, nint, int, int, T*, T*, void> finish = GemmFinish<T, V, S>.For(p);
        if (finish != null) finish(p.C, p.RowC, p.M, p.N, p.RowBias, p.Addend);
    }

    private static void Step(ref GemmArguments<T> p, int items)
    {
        p.A += items * p.StepA;
        p.B += items * p.StepB;
        p.C += items * p.StepC;
        if (p.Addend != null) p.Addend += items * p.StepC;
    }

    private static Grid Cut(in GemmArguments<T> p, Way way, long products, int threads)
    {
        Grid grid = new() { Product = p, Way = way, ChunkM = p.M, ChunkN = p.N, Items = 1 };
        if (p.Batch >= 4 * threads || p.Batch % threads == 0 || products < GemmBlocking.ParallelStreams)
        {
            // Whole products, several per task if they are small; the threads' shares differ by at most one in four.
            long fill = (GemmBlocking.ParallelStreams + products - 1) / Math.Max(products, 1);
            grid.Items = (int)Math.Clamp(fill, 1, (p.Batch + threads - 1) / threads);
            return grid;
        }

        if (way == Way.Blocks) CutBlocks(ref grid, threads);
        else if (way == Way.Vector) grid.ChunkN = Math.Min(GemmBlocking.VectorColumns, Chunk(p.N, threads, p.ColB == 1 ? 64 : 8));
        else if (p.N <= GemmBlocking.DotsLimit) grid.ChunkM = Chunk(p.M, threads, DotProduct<T, V, S>.TileRows);
        else grid.ChunkN = Chunk(p.N, threads, DotProduct<T, V, S>.TileColumns);
        return grid;
    }

    /// <summary>The grid of least cost.</summary>
    private static void CutBlocks(ref Grid grid, int threads)
    {
        int m = grid.Product.M, n = grid.Product.N, tileColumns = BlockedProduct<T, V, S>.TileColumns;
        double prepareB = grid.Product.PanelB != 0 ? 0 : grid.Product.ColB == 1 ? GemmBlocking.CopyCost : GemmBlocking.TurnCost, best = double.MaxValue;
        for (int across = 1; across <= threads; across++)
        {
            int down = threads / across;
            if (down * across != threads && across != threads) continue;
            int chunkM = Ceiling(m, down), chunkN = Chunk(n, across, tileColumns);
            int columns = Math.Min(chunkN, n);
            double read = GemmBlocking.ReadCost * Ceiling(columns, GemmBlocking.Columns);
            double cost = chunkM * (Ceiling(columns, S.Count) + read) + prepareB * columns;
            if (cost >= best) continue;
            best = cost;
            grid.ChunkM = chunkM;
            grid.ChunkN = chunkN;
        }
    }

    private static int Ceiling(int a, int b) => (int)(((uint)a + (uint)b - 1) / (uint)b);

    /// <summary><paramref name="n"/> cut in <paramref name="parts"/>, in whole units.</summary>
    private static int Chunk(int n, int parts, int unit) => Math.Max(1, Ceiling(Ceiling(n, parts), unit)) * unit;

    /// <summary>The parts of one product's K.</summary>
    private struct KParts : IParallelJob
    {
        public GemmArguments<T> Product;
        public Way Way;
        public int Length, Parts;               // terms of a part, and how many parts there are
        public T* Sums;                         // [Parts - 1, M, N]

        private readonly nint Elements => (nint)Product.M * Product.N;

        public readonly void Execute(int task)
        {
            GemmArguments<T> p = Product;
            int first = task * Length;
            p.A += first * p.ColA;
            p.B += first * p.RowB;
            p.K = Math.Min(Length, p.K - first);
            if (task > 0)
            {
                p.C = Sums + (task - 1) * Elements;
                p.Bias = null;
                (p.RowC, p.Accumulate) = (p.N, false);
            }

            Piece(ref p, Way, 0, p.M, 0, p.N);
        }

        /// <summary>C += the sums of the later parts, one after the other.</summary>
        [MethodImpl(HotLoop.Options)]
        public readonly void Add()
        {
            nint elements = Elements;
            for (int i = 0; i < Product.M; i++)
            {
                T* c = Product.C + i * Product.RowC, more = Sums + i * (nint)Product.N;
                for (int j = 0; j < Product.N; j += S.Count)
                {
                    int lanes = Math.Min(S.Count, Product.N - j);
                    V sum = S.LoadPart(c + j, lanes);
                    for (int part = 0; part < Parts - 1; part++) sum = S.Add(sum, S.LoadPart(more + part * elements + j, lanes));
                    S.StorePart(c + j, lanes, sum);
                }
            }
        }
    }

    /// <summary>Independent pieces: groups of whole products, or a grid over each product's C.</summary>
    private struct Grid : IParallelJob
    {
        public GemmArguments<T> Product;
        public Way Way;
        public int ChunkM, ChunkN, Items;       // rows and columns of a piece, products of a task

        private readonly int Down => Ceiling(Product.M, ChunkM);

        private readonly int Across => Ceiling(Product.N, ChunkN);

        public readonly int Tasks => checked(Down * Across * Ceiling(Product.Batch, Items));

        public readonly void Execute(int task)
        {
            int down = Down, pieces = down * Across, group = task / pieces, piece = task % pieces;
            int i = piece % down * ChunkM, j = piece / down * ChunkN;
            GemmArguments<T> p = Product;
            Step(ref p, group * Items);
            int items = Math.Min(Items, p.Batch - group * Items);
            for (int item = 0; item < items; item++)
            {
                Piece(ref p, Way, i, Math.Min(ChunkM, p.M - i), j, Math.Min(ChunkN, p.N - j));
                Step(ref p, 1);
            }
        }
    }
}
