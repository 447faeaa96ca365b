using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Finds given values along a dimension; NaN is found as NaN.</summary>
internal static unsafe class FirstOccurrence
{
    private const long TaskElements = 32 << 10, Strip = 1024;

    /// <summary>The first position of each of <paramref name="values"/> along dimension <paramref name="axis"/> of <paramref name="x"/>, where it does occur.</summary>
    /// <param name="op">Whom to name in an error.</param>
    /// <param name="x">Row-major.</param>
    /// <param name="axis">The dimension.</param>
    /// <param name="values">One per kept element, row-major.</param>
    /// <param name="y">Receives the positions, row-major.</param>
    public static void Find(Op op, Tensor x, int axis, Tensor values, Tensor y)
    {
        AxisView view = new(x.Shape, axis);
        if (x.DType == DType.Float32) Start<float>(view, x, values, y);
        else if (x.DType == DType.Float64) Start<double>(view, x, values, y);
        else
        {
            IntegerAction action = new() { View = view, X = (void*)x.Pointer, Values = (void*)values.Pointer, Y = (long*)y.Pointer };
            ByType.Number(op, x.DType, ref action);
        }
    }

    private static void Start<T>(AxisView view, Tensor x, Tensor values, Tensor y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Action<T> action = new() { View = view, X = (T*)x.Pointer, Values = (T*)values.Pointer, Y = (long*)y.Pointer };
        SimdDispatch.Run<T, Action<T>>(ref action);
    }

    private struct Action<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public AxisView View;
        public T* X, Values;
        public long* Y;

        public void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
        {
            Job<T, V, S> job = new() { View = View, X = X, Values = Values, Y = Y, Strips = (View.Inner + Strip - 1) / Strip };
            job.Cells = View.Outer * job.Strips;
            job.CellsPerTask = Math.Max(1, TaskElements / (View.Length * Math.Min(Strip, View.Inner)));
            WorkerPool.Shared.Run(checked((int)((job.Cells + job.CellsPerTask - 1) / job.CellsPerTask)), ref job);
        }
    }

    private struct Job<T, V, S> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public AxisView View;
        public T* X, Values;
        public long* Y;
        public long Strips, Cells, CellsPerTask;

        public readonly void Execute(int task)
        {
            for (long cell = task * CellsPerTask, end = Math.Min(Cells, cell + CellsPerTask); cell < end; cell++)
            {
                long outer = cell / Strips, start = cell % Strips * Strip, result = outer * View.Inner + start;
                if (View.Inner == 1) Y[result] = RowSearch<T, V, S>.First(X + outer * View.Length, View.Length, Values[result]);
                else InColumns(X + outer * View.Length * View.Inner + start, Values + result, Y + result, (int)Math.Min(Strip, View.Inner - start));
            }
        }

        [MethodImpl(HotLoop.Options)]
        private readonly void InColumns(T* x, T* values, long* y, int width)
        {
            new Span<long>(y, width).Fill(-1);
            for (long row = 0; row < View.Length; row++, x += View.Inner)
            {
                int j = 0;
                for (; j <= width - S.Count; j += S.Count)
                {
                    V match = Matches(S.Load(x + j), S.Load(values + j));
                    if (S.Any(match)) Note(match, y + j, S.Count, row);
                }

                if (j < width) Note(Matches(S.LoadPart(x + j, width - j), S.LoadPart(values + j, width - j)), y + j, width - j, row);
            }
        }

        private static void Note(V match, long* y, int lanes, long row)
        {
            T* matches = stackalloc T[S.Count];
            S.Store(matches, S.And(match, S.Constant(1)));
            for (int k = 0; k < lanes; k++)
                if (y[k] < 0 && matches[k] != T.Zero) y[k] = row;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Matches(V x, V wanted) => S.Or(S.Equal(x, wanted), S.And(S.IsNaN(x), S.IsNaN(wanted)));
    }

    private struct IntegerAction : INumberAction
    {
        public AxisView View;
        public void* X, Values;
        public long* Y;

        public readonly void Run<T>() where T : unmanaged, INumber<T>
        {
            for (long result = 0; result < View.Outer * View.Inner; result++)
            {
                T* x = (T*)X + result / View.Inner * View.Length * View.Inner + result % View.Inner;
                long i = 0;
                while (x[i * View.Inner] != ((T*)Values)[result]) i++;
                Y[result] = i;
            }
        }
    }
}
