using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Whole slices along one dimension, in the index's order: with axis 0, y[p, …] = x[index[p], …]. Operands: x, index (Int64, [positions]).
/// The lookup of an embedding.
/// </summary>
public sealed record IndexSelect(int Axis) : Op
{
    private const long ShortRow = 32, BytesPerTask = 128 << 10;     // in bytes; shorter rows go element by element

    public override string Name => nameof(IndexSelect);
    protected internal override bool TakesHalf => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        Indices.RequireVector(this, x[1]);
        y[0] = new(x[0].DType, x[0].Shape.With(axis, x[1].Count));
    }

    protected override unsafe void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ReadOnlySpan<long> lengths = x[0].Shape.Span;
        int axis = x[0].Shape.Axis(Axis, Name);
        using Tensor index = Indices.Checked(this, x[1], lengths[axis], Indices.Target(axis, x[0].Shape));
        long rowBytes = Packing.Count(lengths[(axis + 1)..]) * x[0].DType.Size;
        if (!x[0].Layout.IsContiguous || !y[0]!.Layout.IsContiguous || rowBytes < ShortRow)
        {
            using Tensor everywhere = Indices.Stretch(index, axis, y[0]!.Shape);
            Gather.Run(y[0]!, x[0], axis, everywhere);
            return;
        }

        Job job = new()
        {
            X = (byte*)x[0].Pointer, Y = (byte*)y[0]!.Pointer, Index = (long*)index.Pointer, RowBytes = rowBytes, Length = lengths[axis], Positions = index.Count,
            Rows = Packing.Count(lengths[..axis]) * index.Count, RowsPerTask = Math.Max(1, BytesPerTask / rowBytes),
        };
        WorkerPool.Shared.Run(checked((int)((job.Rows + job.RowsPerTask - 1) / job.RowsPerTask)), ref job);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        using Packed index = new(x[1]);
        using Tensor everywhere = Indices.Stretch(index.Tensor, axis, y[0]!.Shape);
        Gather.RunGpu(this, gpu, y[0]!, x[0], axis, everywhere, x[1].Shape);
    }

    private unsafe struct Job : IParallelJob
    {
        public byte* X, Y;
        public long* Index;
        public long RowBytes, Length, Positions, Rows, RowsPerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            long row = task * RowsPerTask, end = Math.Min(Rows, row + RowsPerTask);
            (long o, long p) = Math.DivRem(row, Positions);
            for (; row < end; row++)
            {
                Buffer.MemoryCopy(X + (o * Length + Index[p]) * RowBytes, Y + row * RowBytes, RowBytes, RowBytes);
                if (++p == Positions) (o, p) = (o + 1, 0);
            }
        }
    }
}
