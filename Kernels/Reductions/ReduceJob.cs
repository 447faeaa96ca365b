using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>A reduction in one vector shape: cells are folded whole, or in chunks that are combined in a fixed order.</summary>
internal unsafe struct ReduceJob<T, V, S, R> : IParallelJob
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where R : struct, IReduction
{
    private const long TaskElements = 32 << 10;     // the elements of one task, at least

    public ReducePlan Plan;
    public T* X, Y;

    /// <summary>Where the centres go, if somebody wants them.</summary>
    public T* Center;

    /// <summary>With several chunks: their totals [chunk, result], and the centres for the second pass.</summary>
    public T* Partials, Centers;

    public int Chunks;
    public double Parameter;
    private long _cellsPerTask;
    private bool _second;

    public void Run()
    {
        if (Chunks == 1)
        {
            _cellsPerTask = Math.Max(1, TaskElements / Math.Max(1, Plan.CellElements));
            WorkerPool.Shared.Run(checked((int)((Plan.Cells + _cellsPerTask - 1) / _cellsPerTask)), ref this);
            return;
        }

        int tasks = checked((int)(Plan.Cells * Chunks));
        WorkerPool.Shared.Run(tasks, ref this);
        CombineChunks();
        T* centers = null;
        if (R.TwoPasses)
        {
            MakeCenters(Partials, Centers, Plan.Results);
            centers = Centers;
            _second = true;
            WorkerPool.Shared.Run(tasks, ref this);
            CombineChunks();
        }

        Finish(Partials, centers, 0, Plan.Results);
    }

    public void Execute(int task)
    {
        if (Chunks > 1)
        {
            FoldChunk(task / Chunks, task % Chunks);
            return;
        }

        long first = task * _cellsPerTask, end = Math.Min(Plan.Cells, first + _cellsPerTask);
        if (Plan.Rows) FoldRows(first, end);
        else FoldStrips(first, end);
    }

    private readonly V Parameters => S.Constant(Parameter);

    [MethodImpl(HotLoop.Options), SkipLocalsInit]
    private readonly void FoldRows(long first, long end)
    {
        // Results wait in a buffer, so that the last step (a division, a logarithm) is taken for many at once.
        T* totals = stackalloc T[ReducePlan.StripWidth], centers = stackalloc T[ReducePlan.StripWidth];
        for (long begin = first; begin < end; begin += ReducePlan.StripWidth)
        {
            int n = (int)Math.Min(ReducePlan.StripWidth, end - begin);
            for (int i = 0; i < n; i++)
            {
                T* x = X + Plan.Cell(begin + i, out _, out _);
                T total = Fold(x, 0, Plan.Units, default, false);
                if (R.TwoPasses)
                {
                    centers[i] = R.Center<T, T, SimdScalar<T>>(total, T.CreateTruncating(Plan.Count));
                    total = Fold(x, 0, Plan.Units, S.Broadcast(centers[i]), true);
                }

                totals[i] = total;
            }

            Finish(totals, centers, begin, n);
        }
    }

    [SkipLocalsInit]
    private readonly void FoldStrips(long first, long end)
    {
        T* totals = stackalloc T[ReducePlan.StripWidth], centers = stackalloc T[ReducePlan.StripWidth];
        for (long cell = first; cell < end; cell++)
        {
            T* x = X + Plan.Cell(cell, out long result, out int width);
            ReduceStrip<T, V, S, R>.Fold(Plan, x, 0, Plan.Units, totals, centers, width, false);
            if (R.TwoPasses)
            {
                MakeCenters(totals, centers, width);
                ReduceStrip<T, V, S, R>.Fold(Plan, x, 0, Plan.Units, totals, centers, width, true);
            }

            Finish(totals, centers, result, width);
        }
    }

    private readonly void FoldChunk(long cell, int chunk)
    {
        T* x = X + Plan.Cell(cell, out long result, out int width), total = Partials + chunk * Plan.Results + result;
        long first = Plan.Units * chunk / Chunks, end = Plan.Units * (chunk + 1) / Chunks;
        if (Plan.Rows) *total = Fold(x, first, end, _second ? S.Broadcast(Centers[result]) : default, _second);
        else ReduceStrip<T, V, S, R>.Fold(Plan, x, first, end, total, Centers + result, width, _second);
    }

    private readonly T Fold(T* x, long first, long end, V center, bool second)
        => ReduceRow<T, V, S, R>.Fold(Plan, x, first, end, center, second);

    /// <summary>Chunk 0 takes the others in by pairs, pairs of pairs and so on.</summary>
    private readonly void CombineChunks()
    {
        long n = Plan.Results;
        for (int distance = 1; distance < Chunks; distance *= 2)
            for (int i = 0; i + distance < Chunks; i += 2 * distance)
                ReduceStrip<T, V, S, R>.Combine(Partials + i * n, Partials + (i + distance) * n, n, _second);
    }

    [MethodImpl(HotLoop.Options)]
    private readonly void MakeCenters(T* totals, T* centers, long n)
    {
        V count = S.Constant(Plan.Count);
        for (long i = 0; i < n; i += S.Count)
        {
            int lanes = (int)Math.Min(S.Count, n - i);
            S.StorePart(centers + i, lanes, R.Center<T, V, S>(S.LoadPart(totals + i, lanes), count));
        }
    }

    /// <summary>The results first .. first+n−1 from their totals.</summary>
    [MethodImpl(HotLoop.Options)]
    private readonly void Finish(T* totals, T* centers, long first, long n)
    {
        V count = S.Constant(Plan.Count), parameter = Parameters;
        for (long i = 0; i < n; i += S.Count)
        {
            int lanes = (int)Math.Min(S.Count, n - i);
            V center = R.TwoPasses ? S.LoadPart(centers + i, lanes) : default;
            S.StorePart(Y + first + i, lanes, R.Finish<T, V, S>(S.LoadPart(totals + i, lanes), center, count, parameter));
            if (Center != null) S.StorePart(Center + first + i, lanes, center);
        }
    }
}
