using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Folds of integers and truth values, in 64 bits; a floating-point number counts as 0 or, if it is not 0, as 1.</summary>
internal static unsafe class IntegerLoop<TFold> where TFold : struct, IIntegerFold
{
    private const long TaskElements = 32 << 10;

    public static void Run(Op op, Tensor x, uint axes, Tensor y)
    {
        bool planned = ReducePlan.TryCreate(x.Layout, axes, out ReducePlan plan);
        using Packed packed = new(x, planned);
        if (!planned) ReducePlan.TryCreate(packed.Tensor.Layout, axes, out plan);
        if (plan.Results == 0) return;
        Action action = new() { Plan = plan, X = (void*)packed.Tensor.Pointer, Y = (void*)y.Pointer, Type = y.DType };
        ByType.Number(op, x.DType, ref action);
    }

    private struct Action : INumberAction
    {
        public ReducePlan Plan;
        public void* X, Y;
        public DType Type;

        public void Run<T>() where T : unmanaged, INumber<T>
        {
            Job<T> job = new() { Plan = Plan, X = (T*)X, Y = Y, Type = Type, CellsPerTask = Math.Max(1, TaskElements / Math.Max(1, Plan.CellElements)) };
            WorkerPool.Shared.Run(checked((int)((Plan.Cells + job.CellsPerTask - 1) / job.CellsPerTask)), ref job);
        }
    }

    private struct Job<T> : IParallelJob where T : unmanaged, INumber<T>
    {
        public ReducePlan Plan;
        public T* X;
        public void* Y;
        public DType Type;
        public long CellsPerTask;

        [MethodImpl(HotLoop.Options)]
        public void Execute(int task)
        {
            long* totals = stackalloc long[ReducePlan.StripWidth];
            for (long cell = task * CellsPerTask, end = Math.Min(Plan.Cells, cell + CellsPerTask); cell < end; cell++)
            {
                T* x = X + Plan.Cell(cell, out long result, out int width);
                new Span<long>(totals, width).Fill(TFold.IntegerNeutral);
                for (long unit = 0; unit < Plan.Units; unit++)
                {
                    T* p = x + Plan.Unit(unit, out long n);
                    if (Plan.Rows)
                    {
                        long total = totals[0];
                        for (long i = 0; i < n; i++) total = TFold.IntegerStep(total, Whole(p[i]));
                        totals[0] = total;
                    }
                    else
                    {
                        for (int j = 0; j < width; j++) totals[j] = TFold.IntegerStep(totals[j], Whole(p[j]));
                    }
                }

                for (int j = 0; j < width; j++) Store(result + j, totals[j]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static long Whole(T x)
            => typeof(T) == typeof(float) || typeof(T) == typeof(double) ? (T.IsZero(x) ? 0 : 1) : long.CreateTruncating(x);

        private readonly void Store(long i, long value)
        {
            switch (Type)
            {
                case DType.Int64: ((long*)Y)[i] = value; break;
                case DType.Int32: ((int*)Y)[i] = (int)value; break;
                default: ((byte*)Y)[i] = (byte)value; break;
            }
        }
    }
}
