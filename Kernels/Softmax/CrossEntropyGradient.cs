using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The backward pass of <see cref="CrossEntropy"/>: dx_c = γ (A p_c − a_c) with A = Σ_c a_c, and γ the sample's gradient (over Σ w_t for the mean).
/// Operands: the gradient g, logits, targets, the three kept outputs of the loss, and the class weights if there are any.
/// </summary>
/// <param name="Loss">The loss.</param>
public sealed record CrossEntropyGradient(CrossEntropy Loss) : Op
{
    public override string Name => nameof(CrossEntropyGradient);
    protected internal override bool MixesWidths => true;

    /// <summary>A of each sample (over Σ w_t for the mean).</summary>
    public override int KeptCount => 1;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        y[0] = new(Check.Floating(this, x[1]), x[1].Shape);
        y[1] = new(x[1].DType, x[2].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[1].DType == DType.Float32) Backward<float>(x, y);
        else Backward<double>(x, y);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => CrossEntropyKernel.Backward(Loss, gpu, x, y);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Backward<T>(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Packed g = new(x[0]), logits = new(x[1]), targets = new(x[2]), max = new(x[3]), logSum = new(x[4]), weights = new(x[^1]);
        using PackedOutput output = new(y[0]!);
        long n = x[2].Count;
        T* scale = (T*)WindowWorkspace.Rent((nint)(2 * n * sizeof(T))), spread = scale + n, gradient = (T*)g.Pointer, dx = (T*)output.Tensor.Pointer;
        Samples<T> samples = new(Loss, x[1].Shape, (long*)targets.Pointer, x.Length > 6 ? (T*)weights.Pointer : null);
        double norm = Loss.Reduction == Reduction.Mean ? 1 / x[5].ToDouble() : 1;
        for (long i = 0; i < n; i++)
        {
            double gamma = norm * double.CreateTruncating(gradient[Loss.Reduction == Reduction.None ? i : 0]);
            scale[i] = samples.IsIgnored(i) ? T.Zero : T.CreateTruncating(gamma * samples.TotalWeight(i));
            spread[i] = samples.IsUniform ? T.CreateTruncating(gamma * samples.Spread) : T.Zero;
            if (y[1] is { } kept) ((T*)kept.Pointer)[i] = samples.IsIgnored(i) ? T.Zero : T.CreateTruncating(norm * samples.TotalWeight(i));
        }

        ProbabilityAction<T> action = new()
        {
            View = samples.View, X = (T*)logits.Pointer, Y = dx, Max = (T*)max.Pointer, LogSum = (T*)logSum.Pointer, Scale = scale, Spread = spread,
        };
        SimdDispatch.Run<T, ProbabilityAction<T>>(ref action);
        for (long i = 0; i < n; i++)
        {
            if (samples.IsIgnored(i)) continue;
            double gamma = norm * double.CreateTruncating(gradient[Loss.Reduction == Reduction.None ? i : 0]);
            dx[samples.TargetElement(i)] -= T.CreateTruncating(gamma * (1 - Loss.LabelSmoothing) * samples.TargetWeight(i));
            if (samples.IsUniform || Loss.LabelSmoothing == 0) continue;
            for (long c = 0; c < samples.View.Length; c++) dx[samples.Element(i, c)] -= T.CreateTruncating(gamma * samples.Spread * samples.Weight(c));
        }

        output.Finish();
    }

    private unsafe struct ProbabilityAction<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public AxisView View;
        public T* X, Y, Max, LogSum, Scale, Spread;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
            => LineJob<T, V, S, Probability<T, V, S>>.Run(View, new() { Loss = this });
    }

    /// <summary>γ A p − γ ε / C of each sample.</summary>
    private unsafe struct Probability<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public ProbabilityAction<T> Loss;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
            => LanePass<T, V, S, WeightedProbabilityStep>.Run(walk, Loss.X + offset, null, Loss.Y + offset,
                Lanes(walk, Loss.Max + line), Lanes(walk, Loss.LogSum + line), Lanes(walk, Loss.Scale + line), Lanes(walk, Loss.Spread + line));

        private static V Lanes(in LaneWalk walk, T* p) => walk.Across ? S.Broadcast(*p) : S.LoadPart(p, walk.Lines(S.Count));
    }
}
