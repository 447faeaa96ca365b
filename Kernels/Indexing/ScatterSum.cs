using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The transpose of <see cref="Gather"/>: adds every element to the place that its index names, starting from zeros. With axis 1,
/// y[i, index[i, j, k], k] += g[i, j, k]. Operands: g, index (Int64, of g's shape). Every sum is taken in the order of j.
/// </summary>
/// <param name="Axis">The dimension that the index counts along.</param>
/// <param name="Length">Its length in the result.</param>
public sealed record ScatterSum(int Axis, long Length) : Op
{
    private const long ElementsPerTask = 32 << 10;

    public override string Name => nameof(ScatterSum);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        Check.Type(this, "index", x[1], DType.Int64);
        Check.SameShape(this, "the source", x[0], "the index", x[1]);
        y[0] = new(x[0].DType, x[0].Shape.With(axis, Length));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        using Tensor index = Indices.Checked(this, x[1], Length, Indices.Target(axis, y[0]!.Shape)), g = Packing.RowMajor(x[0]);
        if (Packing.ThroughRowMajor(this, y[0]!, g, index)) return;

        y[0]!.FillInPlace(0);
        Action action = new() { Y = y[0]!, G = g, Index = index, Axis = axis };
        ByType.Number(this, g.DType, ref action);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => IndexSum.RunGpu(this, gpu, y[0]!, x[0], x[1], x[0].Shape.Axis(Axis, Name), columns: true);

    private unsafe struct Action : INumberAction
    {
        public Tensor Y, G, Index;
        public int Axis;

        public readonly void Run<T>() where T : unmanaged, INumber<T>
        {
            ReadOnlySpan<long> lengths = G.Shape.Span;
            long outer = Packing.Count(lengths[..Axis]), inner = Packing.Count(lengths[(Axis + 1)..]);
            if (G.Count == 0) return;
            Job<T> job = new()
            {
                Y = (T*)Y.Pointer, G = (T*)G.Pointer, Index = (long*)Index.Pointer,
                Inner = inner, Positions = lengths[Axis], Length = Y.Shape.Span[Axis],
            };
            // A task owns whole columns along the axis, so no two of them meet in one sum.
            job.Columns = outer * inner;
            job.ColumnsPerTask = Math.Max(16, ElementsPerTask / job.Positions);
            WorkerPool.Shared.Run(checked((int)((job.Columns + job.ColumnsPerTask - 1) / job.ColumnsPerTask)), ref job);
        }
    }

    private unsafe struct Job<T> : IParallelJob where T : unmanaged, INumber<T>
    {
        public T* Y, G;
        public long* Index;
        public long Inner, Positions, Length, Columns, ColumnsPerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            long column = task * ColumnsPerTask, end = Math.Min(Columns, column + ColumnsPerTask);
            while (column < end)
            {
                // The columns of one outer slice lie side by side: walk them row by row.
                long o = column / Inner, first = column % Inner, count = Math.Min(Inner - first, end - column);
                T* y = Y + o * Length * Inner + first;
                for (long p = 0; Inner == 1 && p < Positions; p++) y[Index[o * Positions + p]] += G[o * Positions + p];
                for (long p = 0; Inner > 1 && p < Positions; p++)
                {
                    long row = (o * Positions + p) * Inner + first;
                    for (long j = 0; j < count; j++) y[Index[row + j] * Inner + j] += G[row + j];
                }

                column += count;
            }
        }
    }
}
