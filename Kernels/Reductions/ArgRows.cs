using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>Where the extreme of each row stands, in one pass over memory: a row is searched while the caches hold it.</summary>
internal static unsafe class ArgRows
{
    private const long TaskElements = 32 << 10;     // the elements of one task, at least

    /// <summary>True when the reduced elements are neighbours, and few enough for one task; <paramref name="plan"/> is theirs then.</summary>
    public static bool TryPlan(Tensor x, int axis, out ReducePlan plan) => ReducePlan.TryCreate(x.Layout, 1u << axis, out plan) && plan.Rows && plan.Chunks == 1 && x.DType.IsFloating;

    /// <summary>The first position of each row's extreme, as <typeparamref name="TReduction"/> folds it.</summary>
    /// <param name="plan">From <see cref="TryPlan"/>.</param>
    /// <param name="x">Float32 or Float64.</param>
    /// <param name="y">Receives the positions, row-major.</param>
    public static void Find<TReduction>(in ReducePlan plan, Tensor x, Tensor y) where TReduction : struct, IReduction
    {
        if (x.DType == DType.Float32) Start<float, TReduction>(plan, x, y);
        else Start<double, TReduction>(plan, x, y);
    }

    private static void Start<T, TReduction>(in ReducePlan plan, Tensor x, Tensor y) where T : unmanaged, IBinaryFloatingPointIeee754<T> where TReduction : struct, IReduction
    {
        Action<T, TReduction> action = new() { Plan = plan, X = (T*)x.Pointer, Y = (long*)y.Pointer };
        SimdDispatch.Run<T, Action<T, TReduction>>(ref action);
    }

    private struct Action<T, TReduction> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T> where TReduction : struct, IReduction
    {
        public ReducePlan Plan;
        public T* X;
        public long* Y;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
        {
            Job<T, V, S, TReduction> job = new() { Plan = Plan, X = X, Y = Y, RowsPerTask = Math.Max(1, TaskElements / Plan.Count) };
            WorkerPool.Shared.Run(checked((int)((Plan.Results + job.RowsPerTask - 1) / job.RowsPerTask)), ref job);
        }
    }

    private struct Job<T, V, S, TReduction> : IParallelJob
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TReduction : struct, IReduction
    {
        public ReducePlan Plan;
        public T* X;
        public long* Y;
        public long RowsPerTask;

        public readonly void Execute(int task)
        {
            for (long row = task * RowsPerTask, end = Math.Min(Plan.Results, row + RowsPerTask); row < end; row++)
            {
                T* x = X + Plan.Cell(row, out _, out _);
                T extreme = ReduceRow<T, V, S, TReduction>.Fold(Plan, x, 0, Plan.Units, default, second: false);
                Y[row] = RowSearch<T, V, S>.First(x, Plan.Count, extreme);
            }
        }
    }
}
