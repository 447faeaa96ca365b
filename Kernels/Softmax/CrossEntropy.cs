using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The cross-entropy of the softmax of logits x [N, C, …] with target classes t [N, …] (Int64), optionally with class weights w [C]:
/// ℓ = −Σ_c a_c ln p_c with a_c = (1 − ε) w_t [c = t] + (ε / C) w_c. The mean divides Σ ℓ by Σ w_t. Stable for logits of any size.
/// </summary>
/// <param name="Reduction">What becomes of the losses of the samples.</param>
/// <param name="IgnoreIndex">A target that leaves its sample out: loss and gradient are 0.</param>
/// <param name="LabelSmoothing">ε: the part of the target that is spread evenly over the classes; 0 ≤ ε ≤ 1.</param>
public sealed record CrossEntropy(Reduction Reduction, long IgnoreIndex, double LabelSmoothing) : Op
{
    public override string Name => nameof(CrossEntropy);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    /// <summary>For each sample the maximum m and ln Σ eˣ⁻ᵐ, and Σ w_t.</summary>
    public override int KeptCount => 3;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        if (x[1].DType.IsFloating && x[1].Shape == x[0].Shape)
            throw new DTypeException($"CrossEntropy: targets {x[1].Describe()} have the shape of the logits, like probabilities, but one class per sample is expected, Int64. Use SoftCrossEntropy, or ArgMax(1) of one-hot targets.");
        Check.Type(this, "targets", x[1], DType.Int64);
        Shape logits = x[0].Shape;
        if (logits.Rank < 2 || x[1].Shape != SampleShape(logits))
            throw new ShapeException($"CrossEntropy: logits {logits} and targets {x[1].Shape} do not fit: logits are [N, C] or [N, C, …] with the classes in dimension 1, targets [N] or [N, …] with one class per sample.");
        if (x.Length > 2)
        {
            Check.Type(this, "class weights", x[2], dtype);
            if (x[2].Rank != 1 || x[2].Count != logits[1])
                throw new ShapeException($"CrossEntropy: class weights {x[2].Shape} must be [{logits[1]}], one per class of logits {logits}.");
        }

        if (LabelSmoothing is not (>= 0 and <= 1))
            throw new ArgumentException($"CrossEntropy: the label smoothing is {LabelSmoothing}, but must lie between 0 and 1.");
        y[0] = new(dtype, Reduction == Reduction.None ? x[1].Shape : []);
        y[1] = y[2] = new(dtype, x[1].Shape);
        y[3] = new(dtype, []);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType.Float32) Forward<float>(x, y);
        else Forward<double>(x, y);
    }

    /// <summary>Logits without their class dimension.</summary>
    internal static Shape SampleShape(Shape logits) => (long[])[logits.Span[0], .. logits.Span[2..]];

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => CrossEntropyKernel.Forward(this, gpu, x, y);

    /// <summary>Says which target is no class.</summary>
    internal static ArgumentOutOfRangeException NoClass(Shape targets, long sample, long target, long classes, long ignoreIndex)
    {
        long[] position = new long[targets.Rank];
        for (int d = targets.Rank - 1; d >= 0; d--) (position[d], sample) = (sample % targets.Span[d], sample / targets.Span[d]);
        return new(null, $"CrossEntropy: targets[{Shape.Join(position)}] is {target}, but the logits have {classes} classes: 0 to {classes - 1}. "
            + $"Mark samples to leave out with ignoreIndex ({ignoreIndex}).");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Forward<T>(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Packed logits = new(x[0]), targets = new(x[1]), weights = new(x[^1]);
        long n = x[1].Count;
        T* max = (T*)WindowWorkspace.Rent((nint)(3 * n * sizeof(T))), logSum = max + n, shifted = logSum + n;
        Samples<T> samples = new(this, x[0].Shape, (long*)targets.Pointer, x.Length > 2 ? (T*)weights.Pointer : null);
        samples.CheckTargets(x[1].Shape);
        PartitionAction<T> action = new() { View = samples.View, X = (T*)logits.Pointer, Max = max, LogSum = logSum, Shifted = shifted };
        SimdDispatch.Run<T, PartitionAction<T>>(ref action);

        using PackedOutput output = new(y[0]!);
        T* losses = (T*)output.Tensor.Pointer;
        double sum = 0, weight = 0;
        for (long i = 0; i < n; i++)
        {
            double loss = samples.Loss((T*)logits.Pointer, i, max[i], logSum[i], shifted[i]);
            weight += samples.TargetWeight(i);
            if (Reduction == Reduction.None) losses[i] = T.CreateTruncating(loss);
            else sum += loss;
        }

        if (Reduction != Reduction.None) *losses = T.CreateTruncating(Reduction == Reduction.Mean ? sum / weight : sum);
        output.Finish();
        Keep(y[1], max, n);
        Keep(y[2], logSum, n);
        if (y[3] is { } total) *(T*)total.Pointer = T.CreateTruncating(weight);
    }

    private static unsafe void Keep<T>(Tensor? kept, T* values, long n) where T : unmanaged
    {
        if (kept is not null) Buffer.MemoryCopy(values, (void*)kept.Pointer, n * sizeof(T), n * sizeof(T));
    }

    private unsafe struct PartitionAction<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public AxisView View;
        public T* X, Max, LogSum, Shifted;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
            => LineJob<T, V, S, Partition<T, V, S>>.Run(View, new() { X = X, Max = Max, LogSum = LogSum, Shifted = Shifted });
    }

    /// <summary>m = max x, ln Σ eˣ⁻ᵐ and Σ (x − m) of each sample.</summary>
    private unsafe struct Partition<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public T* X, Max, LogSum, Shifted;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            int lines = walk.Lines(S.Count);
            V max = LanePass<T, V, S, MaximumStep>.Run(walk, X + offset, null, null);
            V sum = LanePass<T, V, S, ExponentialStep<NotStored>>.Run(walk, X + offset, null, null, new(max, default, default, default), out V shifted);
            S.StorePart(Max + line, lines, max);
            S.StorePart(LogSum + line, lines, VectorMath.Log<T, V, S>(sum));
            S.StorePart(Shifted + line, lines, shifted);
        }
    }
}
