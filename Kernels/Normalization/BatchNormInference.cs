using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Batch normalisation by given statistics: y = scale (x − mean) / √(variance + ε) + shift. Operands: x [N, C, …], mean and variance [C], and
/// perhaps scale and shift [C].
/// </summary>
/// <param name="Epsilon">ε.</param>
public sealed record BatchNormInference(double Epsilon) : Op
{
    public override string Name => nameof(BatchNormInference);
    protected internal override bool MixesWidths => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        BatchNormRules.CheckChannels(this, x, ["mean", "variance", "scale", "shift"]);
        y[0] = new(x[0].DType, x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType.Float32) Run<float>(x, y);
        else Run<double>(x, y);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].Count == 0) return;
        bool affine = x.Length > 3;
        using Packed input = new(x[0]), mean = new(x[1]), variance = new(x[2]), scale = new(x[affine ? 3 : 1]), shift = new(x[affine ? 4 : 1]);
        BatchNormKernel.Apply(gpu, Epsilon, input.Tensor, mean.Tensor, variance.Tensor, affine ? scale.Tensor : null, affine ? shift.Tensor : null, y[0]!, null);
    }

    private unsafe void Run<T>(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (x[0].Count == 0) return;
        bool affine = x.Length > 3;
        using Packed input = new(x[0]), mean = new(x[1]), variance = new(x[2]), scale = new(x[affine ? 3 : 1]), shift = new(x[affine ? 4 : 1]);
        using PackedOutput output = new(y[0]!);
        Action<T> action = new()
        {
            View = new(x[0].Shape, 1), Epsilon = Epsilon, X = (T*)input.Pointer, Mean = (T*)mean.Pointer, Variance = (T*)variance.Pointer,
            Scale = affine ? (T*)scale.Pointer : null, Shift = affine ? (T*)shift.Pointer : null, Y = (T*)output.Tensor.Pointer,
        };
        SimdDispatch.Run<T, Action<T>>(ref action);
        output.Finish();
    }

    private unsafe struct Action<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public AxisView View;
        public double Epsilon;
        public T* X, Mean, Variance, Scale, Shift, Y;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V> => ChannelJob<T, V, S, Channel<T, V, S>>.Run(View, new() { A = this }, Y);
    }

    private unsafe struct Channel<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Action<T> A;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            V mean = PerChannel.Load<T, V, S>(walk, A.Mean + line, 0), variance = PerChannel.Load<T, V, S>(walk, A.Variance + line, 0);
            V scale = PerChannel.Load<T, V, S>(walk, A.Scale == null ? null : A.Scale + line, 1), shift = PerChannel.Load<T, V, S>(walk, A.Shift == null ? null : A.Shift + line, 0);
            V k = S.Multiply(scale, VectorMath.Rsqrt<T, V, S>(S.Add(variance, S.Constant(A.Epsilon))));
            LanePass<T, V, S, NormalizeStep>.Run(walk, A.X + offset, null, A.Y + offset, mean, k, shift);
        }
    }
}
