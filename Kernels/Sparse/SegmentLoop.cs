using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>What happens to one column of one segment.</summary>
internal unsafe interface ISegmentStep
{
    /// <param name="positions">The segment's positions in the operand.</param>
    /// <param name="count">How many.</param>
    /// <param name="segment">Which segment.</param>
    /// <param name="column">Which column.</param>
    void Run(long* positions, long count, long segment, long column);
}

/// <summary>Walks over the segments of [E, columns] on the CPU: a task takes some of them.</summary>
internal static unsafe class SegmentLoop
{
    private const long ElementsPerTask = 8 << 10;

    public static void Run<TStep>(Op op, Tensor pointers, Tensor order, long columns, TStep step) where TStep : struct, ISegmentStep
    {
        using Tensor starts = Indices.Checked(op, pointers, order.Count + 1, "the list of positions, end included,"), positions = Indices.Checked(op, order, order.Count, "dimension 0 of x");
        long segments = starts.Count - 1, perSegment = Math.Max(1, (order.Count / Math.Max(1, segments) + 1) * columns);
        Job<TStep> job = new() { Step = step, Pointers = (long*)starts.Pointer, Order = (long*)positions.Pointer, Segments = segments, Columns = columns, PerTask = Math.Max(1, ElementsPerTask / perSegment) };
        WorkerPool.Shared.Run(checked((int)((segments + job.PerTask - 1) / job.PerTask)), ref job);
    }

    /// <summary>The operands of an op over segments: x [E, columns], its like, pointers [segments + 1] and order [E].</summary>
    public static void Check(Op op, ReadOnlySpan<Tensor> x, Tensor pointers, Tensor order)
    {
        Kernels.Check.Floating(op, x[0]);
        Kernels.Check.Rank(op, "x", x[0], 2, "[positions, columns]");
        Indices.RequireVector(op, pointers);
        Indices.RequireVector(op, order);
        if (order.Count != x[0].Shape[0] || pointers.Count == 0)
            throw new ShapeException($"{op.Name}: x {x[0].Shape} has {x[0].Shape[0]} positions, but the segments {order.Count}. Make the segments from one id per position.");
    }

    private struct Job<TStep> : IParallelJob where TStep : struct, ISegmentStep
    {
        public TStep Step;
        public long* Pointers, Order;
        public long Segments, Columns, PerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            for (long s = task * PerTask, end = Math.Min(Segments, s + PerTask); s < end; s++)
                for (long c = 0; c < Columns; c++) Step.Run(Order + Pointers[s], Math.Max(0, Pointers[s + 1] - Pointers[s]), s, c);
        }
    }
}
