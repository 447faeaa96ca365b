using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Normalises each channel of x [N, C, …] by its own mean and (biased) variance over the batch: y = scale (x − mean) / √(variance + ε) + shift
/// (Ioffe and Szegedy 2015). Operands: x, or x, scale [C] and shift [C]. Outputs: y, the mean [C] and the variance [C].
/// </summary>
/// <param name="Epsilon">ε: what keeps a constant channel finite.</param>
public sealed record BatchNorm(double Epsilon) : Op
{
    public override string Name => nameof(BatchNorm);
    protected internal override bool MixesWidths => true;
    private protected override bool StaysWide(int output, ReadOnlySpan<Tensor> x) => output > 0;

    public override int OutputCount => 3;

    /// <summary>1/√(variance + ε) of each channel.</summary>
    public override int KeptCount => 1;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        BatchNormRules.CheckChannels(this, x, ["scale", "shift"]);
        Shape shape = x[0].Shape;
        if (shape.Count / Math.Max(1, shape[1]) < 2)
            throw new ShapeException($"BatchNorm: {shape} has {shape.Count / Math.Max(1, shape[1])} elements per channel, but a variance needs 2 or more. Use a larger batch, or BatchNormInference.");
        y[0] = new(x[0].DType, shape);
        y[1..4].Fill(new(x[0].DType, [shape[1]]));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType.Float32) Run<float>(x, y);
        else Run<double>(x, y);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => BatchNormKernel.Forward(gpu, Epsilon, x, y);

    private unsafe void Run<T>(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool affine = x.Length > 1;
        using Packed input = new(x[0]), scale = new(x[affine ? 1 : 0]), shift = new(x[affine ? 2 : 0]);
        Action<T> action = new()
        {
            View = new(x[0].Shape, 1), Epsilon = Epsilon, X = (T*)input.Pointer, Scale = affine ? (T*)scale.Pointer : null, Shift = affine ? (T*)shift.Pointer : null,
            Y = (T*)y[0]!.Pointer, Mean = (T*)y[1]!.Pointer, Variance = (T*)y[2]!.Pointer, Inverse = (T*)(y[3]?.Pointer ?? 0),
        };
        SimdDispatch.Run<T, Action<T>>(ref action);
    }

    private unsafe struct Action<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public AxisView View;
        public double Epsilon;
        public T* X, Scale, Shift, Y, Mean, Variance, Inverse;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V> => ChannelJob<T, V, S, Channel<T, V, S>>.Run(View, new() { A = this }, Y);
    }

    private unsafe struct Channel<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Action<T> A;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            T* x = A.X + offset;
            V count = S.Constant(A.View.Outer * A.View.Inner);
            V mean = S.Divide(LanePass<T, V, S, SumStep>.Run(walk, x, null, null), count);
            V variance = S.Divide(LanePass<T, V, S, SquaredDeviationStep>.Run(walk, x, null, null, mean), count);
            V inverse = VectorMath.Rsqrt<T, V, S>(S.Add(variance, S.Constant(A.Epsilon)));
            V scale = PerChannel.Load<T, V, S>(walk, A.Scale == null ? null : A.Scale + line, 1), shift = PerChannel.Load<T, V, S>(walk, A.Shift == null ? null : A.Shift + line, 0);
            LanePass<T, V, S, NormalizeStep>.Run(walk, x, null, A.Y + offset, mean, S.Multiply(scale, inverse), shift);
            PerChannel.Store<T, V, S>(walk, A.Mean + line, mean);
            PerChannel.Store<T, V, S>(walk, A.Variance + line, variance);
            PerChannel.Store<T, V, S>(walk, A.Inverse == null ? null : A.Inverse + line, inverse);
        }
    }
}

/// <summary>The shape rules of batch normalisation.</summary>
internal static class BatchNormRules
{
    /// <summary>x is [N, C, …], everything else [C] and of its type.</summary>
    public static void CheckChannels(Op op, ReadOnlySpan<Tensor> x, ReadOnlySpan<string> names)
    {
        Check.Floating(op, x[0]);
        Check.SameType(op, x);
        if (x[0].Rank < 2)
            throw new ShapeException($"{op.Name}: x has shape {x[0].Shape}, but [N, C] or [N, C, …] is expected, with the channels in dimension 1. Add dimensions with Unsqueeze.");
        for (int i = 1; i < x.Length; i++)
            if (x[i].Rank != 1 || x[i].Count != x[0].Shape[1])
                throw new ShapeException($"{op.Name}: {names[i - 1]} {x[i].Shape} must be [{x[0].Shape[1]}], one number per channel of x {x[0].Shape}.");
    }
}
