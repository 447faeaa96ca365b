using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// The largest element of each segment and column: y[s, c] = max over the segment's positions e of x[e, c], the first of equal ones; 0 for an empty segment. A NaN wins.
/// Operands: x [E, columns], pointers [segments + 1] into order [E], Int64. Result: [segments, columns].
/// </summary>
public sealed record SegmentMax : Op
{
    public override string Name => nameof(SegmentMax);

    /// <summary>Where the largest element stood, Int64; E for an empty segment.</summary>
    public override int KeptCount => 1;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        SegmentLoop.Check(this, x, x[1], x[2]);
        Shape shape = [x[1].Count - 1, x[0].Shape[1]];
        y[0] = new(x[0].DType, shape);
        y[1] = new(DType.Int64, shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed values = new(x[0]);
        using PackedOutput output = new(y[0]!);
        Action action = new() { Op = this, X = values.Tensor, Pointers = x[1], Order = x[2], Y = output.Tensor, At = y[1] };
        ByType.Floating(this, x[0].DType, ref action);
        output.Finish();
    }

    private static readonly KernelTable<(DType Type, int Group)> _gpu = new(static key => GpuSource.Real("segment_max.cu", "segment_max", key.Group, key.Type));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed values = new(x[0]), pointers = new(x[1]), order = new(x[2]);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.Out(y[1]);
        arguments.In(values.Tensor);
        arguments.In(pointers.Tensor);
        arguments.In(order.Tensor);
        arguments.Value(y[0]!.Count);
        arguments.Value(x[0].Shape[1]);
        arguments.Value(x[0].Shape[0]);
        arguments.Value(y[1] is null ? 0L : 1L);
        gpu.Launch(_gpu[(x[0].DType, group)], LaunchSize.Covering(y[0]!.Count, group), ref arguments);
    }

    private unsafe struct Action : IFloatingAction
    {
        public SegmentMax Op;
        public Tensor X, Pointers, Order, Y;
        public Tensor? At;

        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
            => SegmentLoop.Run(Op, Pointers, Order, X.Shape[1], new Step<T> { X = (T*)X.Pointer, Y = (T*)Y.Pointer, At = (long*)(At?.Pointer ?? 0), Columns = X.Shape[1], Empty = X.Shape[0] });
    }

    private unsafe struct Step<T> : ISegmentStep where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public T* X, Y;
        public long* At;
        public long Columns, Empty;

        public readonly void Run(long* positions, long count, long segment, long column)
        {
            T best = T.Zero;
            long at = Empty;
            for (long j = 0; j < count; j++)
            {
                T value = X[positions[j] * Columns + column];
                if (j == 0 || value > best || (T.IsNaN(value) && !T.IsNaN(best))) (best, at) = (value, positions[j]);
            }

            Y[segment * Columns + column] = best;
            if (At != null) At[segment * Columns + column] = at;
        }
    }
}
