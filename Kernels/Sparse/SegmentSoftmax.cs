using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// The softmax within each segment and column: y[e, c] = e^(x[e, c] − m) / Σ e^(x − m) over the positions of e's segment, m being the largest of them.
/// Operands: x [E, columns], then pointers [segments + 1] into order [E]; for the derivative units (0 .. E) and ids [E]. All Int64.
/// </summary>
public sealed record SegmentSoftmax : Op
{
    public override string Name => nameof(SegmentSoftmax);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        SegmentLoop.Check(this, x, x[1], x[2]);
        y[0] = new(x[0].DType, x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => SegmentSoftmaxKernel.RunCpu(this, x[0], null, x[1], x[2], y[0]!);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => SegmentSoftmaxKernel.RunGpu(gpu, x[0], null, x[1], x[2], y[0]!);
}

/// <summary>
/// The backward pass of <see cref="SegmentSoftmax"/>: dx = y (g − Σ g y), summed over each segment. Operands: g and y [E, columns], then those of the segments.
/// </summary>
public sealed record SegmentSoftmaxGradient : Op
{
    public override string Name => nameof(SegmentSoftmaxGradient);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        SegmentLoop.Check(this, x, x[2], x[3]);
        Check.SameType(this, x[..2]);
        Check.SameShape(this, "the gradient", x[0], "the result", x[1]);
        y[0] = new(x[0].DType, x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => SegmentSoftmaxKernel.RunCpu(this, x[0], x[1], x[2], x[3], y[0]!);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => SegmentSoftmaxKernel.RunGpu(gpu, x[0], x[1], x[2], x[3], y[0]!);
}

/// <summary>Both directions of the softmax over segments.</summary>
internal static class SegmentSoftmaxKernel
{
    private static readonly KernelTable<(DType Type, bool Gradient, int Group)> _gpu = new(static key
        => GpuSource.Real("segment_softmax.cu", "segment_softmax", key.Group, key.Type, ("GRADIENT", key.Gradient ? "1" : "0")));

    /// <param name="op">Who asks.</param>
    /// <param name="x">x, or the gradient g.</param>
    /// <param name="weights">The result y for the gradient, else null.</param>
    /// <param name="pointers">Where segments begin in the order.</param>
    /// <param name="order">Positions, segment by segment.</param>
    /// <param name="y">Result.</param>
    public static void RunCpu(Op op, Tensor x, Tensor? weights, Tensor pointers, Tensor order, Tensor y)
    {
        using Packed values = new(x), packed = new(weights ?? x);
        using PackedOutput output = new(y);
        output.Tensor.FillInPlace(0);       // also where a list names no position
        Action action = new() { Op = op, X = values.Tensor, Weights = weights is null ? null : packed.Tensor, Pointers = pointers, Order = order, Y = output.Tensor };
        ByType.Floating(op, x.DType, ref action);
        output.Finish();
    }

    public static void RunGpu(GpuAccelerator gpu, Tensor x, Tensor? weights, Tensor pointers, Tensor order, Tensor y)
    {
        using Packed values = new(x), packed = new(weights ?? x), starts = new(pointers), positions = new(order);
        y.FillInPlace(0);
        int group = gpu.Tuning.MapGroup;
        long segments = pointers.Count - 1, columns = x.Shape[1];
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.In(values.Tensor);
        arguments.In(weights is null ? null : packed.Tensor);
        arguments.In(starts.Tensor);
        arguments.In(positions.Tensor);
        arguments.Value(segments * columns);
        arguments.Value(columns);
        gpu.Launch(_gpu[(x.DType, weights is not null, group)], LaunchSize.Covering(segments * columns, group), ref arguments);
    }

    private unsafe struct Action : IFloatingAction
    {
        public Op Op;
        public Tensor X, Pointers, Order, Y;
        public Tensor? Weights;

        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            long columns = X.Shape[1];
            if (Weights is null) SegmentLoop.Run(Op, Pointers, Order, columns, new Forward<T> { X = (T*)X.Pointer, Y = (T*)Y.Pointer, Columns = columns });
            else SegmentLoop.Run(Op, Pointers, Order, columns, new Backward<T> { G = (T*)X.Pointer, Weights = (T*)Weights.Pointer, Y = (T*)Y.Pointer, Columns = columns });
        }
    }

    private unsafe struct Forward<T> : ISegmentStep where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public T* X, Y;
        public long Columns;

        public readonly void Run(long* positions, long count, long segment, long column)
        {
            T max = T.NegativeInfinity, sum = T.Zero;
            for (long j = 0; j < count; j++) max = MaximumStep.Merge<T, T, SimdScalar<T>>(max, X[positions[j] * Columns + column]);
            for (long j = 0; j < count; j++)
            {
                long at = positions[j] * Columns + column;
                sum += Y[at] = VectorMath.Exp<T, T, SimdScalar<T>>(X[at] - max);
            }

            T scale = T.One / sum;
            for (long j = 0; j < count; j++) Y[positions[j] * Columns + column] *= scale;
        }
    }

    private unsafe struct Backward<T> : ISegmentStep where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public T* G, Weights, Y;
        public long Columns;

        public readonly void Run(long* positions, long count, long segment, long column)
        {
            T dot = T.Zero;
            for (long j = 0; j < count; j++) dot += G[positions[j] * Columns + column] * Weights[positions[j] * Columns + column];
            for (long j = 0; j < count; j++)
            {
                long at = positions[j] * Columns + column;
                Y[at] = Weights[at] * (G[at] - dot);
            }
        }
    }
}
