using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The backward pass of <see cref="BatchNorm"/>: dx = scale · r (g − mean(g) − x̂ mean(g x̂)), dscale = Σ g x̂, dshift = Σ g with r = 1/√(variance + ε)
/// and x̂ = (x − mean) r. Operands: g, x, mean, r, and scale if there is one.
/// </summary>
public sealed record BatchNormGradient : Op
{
    public override string Name => nameof(BatchNormGradient);
    protected internal override bool MixesWidths => true;
    private protected override bool StaysWide(int output, ReadOnlySpan<Tensor> x) => output > 0;

    public override int OutputCount => 3;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.SameShape(this, "g", x[0], "x", x[1]);
        BatchNormRules.CheckChannels(this, x[1..], ["mean", "r", "scale"]);
        y[0] = new(x[1].DType, x[1].Shape);
        y[1] = y[2] = new(x[1].DType, x[2].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType.Float32) Run<float>(x, y);
        else Run<double>(x, y);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => BatchNormKernel.Backward(gpu, x, y);

    private static unsafe void Run<T>(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Packed g = new(x[0]), input = new(x[1]), mean = new(x[2]), inverse = new(x[3]), scale = new(x[^1]);
        Action<T> action = new()
        {
            View = new(x[1].Shape, 1), G = (T*)g.Pointer, X = (T*)input.Pointer, Mean = (T*)mean.Pointer, Inverse = (T*)inverse.Pointer,
            Scale = x.Length > 4 ? (T*)scale.Pointer : null, DX = (T*)y[0]!.Pointer, DScale = (T*)y[1]!.Pointer, DShift = (T*)y[2]!.Pointer,
        };
        SimdDispatch.Run<T, Action<T>>(ref action);
    }

    private unsafe struct Action<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public AxisView View;
        public T* G, X, Mean, Inverse, Scale, DX, DScale, DShift;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V> => ChannelJob<T, V, S, Channel<T, V, S>>.Run(View, new() { A = this }, DX);
    }

    private unsafe struct Channel<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Action<T> A;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            V mean = PerChannel.Load<T, V, S>(walk, A.Mean + line, 0), inverse = PerChannel.Load<T, V, S>(walk, A.Inverse + line, 0);
            V scale = PerChannel.Load<T, V, S>(walk, A.Scale == null ? null : A.Scale + line, 1);
            V sum = LanePass<T, V, S, CorrelationStep>.Run(walk, A.G + offset, A.X + offset, null, new(mean, default, default, default), out V correlation);
            V dscale = S.Multiply(correlation, inverse), k = S.Multiply(scale, inverse), share = S.Divide(S.Negate(k), S.Constant(A.View.Outer * A.View.Inner));
            LanePass<T, V, S, ProjectStep>.Run(walk, A.G + offset, A.X + offset, A.DX + offset,
                mean, k, S.Multiply(share, S.Multiply(inverse, dscale)), S.Multiply(share, sum));
            PerChannel.Store<T, V, S>(walk, A.DScale + line, dscale);
            PerChannel.Store<T, V, S>(walk, A.DShift + line, sum);
        }
    }
}
