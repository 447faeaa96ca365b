using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The cross-entropy of the softmax of logits x with target probabilities t of the same shape, along one dimension:
/// ℓ = −Σ t_c ln p_c = (Σ t_c) ln Σ eˣ⁻ᵐ − Σ t_c (x_c − m) with m = max x. One loss per line; stable for logits of any size.
/// </summary>
/// <param name="Axis">The dimension of the classes, not negative.</param>
public sealed record SoftCrossEntropy(int Axis) : Op
{
    public override string Name => nameof(SoftCrossEntropy);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    /// <summary>For each line m, ln Σ eˣ⁻ᵐ and Σ t.</summary>
    public override int KeptCount => 3;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        DType dtype = Check.SameType(this, x);
        Check.SameShape(this, "logits", x[0], "target probabilities", x[1]);
        y[0] = y[1] = y[2] = y[3] = new(dtype, ReductionRules.ResultShape(this, x[0].Shape, [x[0].Shape.Axis(Axis, Name)], false));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType.Float32) Forward<float>(x, y);
        else Forward<double>(x, y);
    }

    private unsafe void Forward<T>(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Packed logits = new(x[0]), targets = new(x[1]);
        using PackedOutput output = new(y[0]!);
        output.Tensor.FillInPlace(0);       // of no classes at all
        Losses<T> losses = new()
        {
            View = new(x[0].Shape, Axis), X = (T*)logits.Pointer, Targets = (T*)targets.Pointer, Y = (T*)output.Tensor.Pointer,
            Max = Address<T>(y[1]), LogSum = Address<T>(y[2]), Total = Address<T>(y[3]),
        };
        SimdDispatch.Run<T, Losses<T>>(ref losses);
        output.Finish();
    }

    private static unsafe T* Address<T>(Tensor? kept) where T : unmanaged => kept is null ? null : (T*)kept.Pointer;

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => SoftCrossEntropyKernel.Forward(this, gpu, x, y);

    private unsafe struct Losses<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public AxisView View;
        public T* X, Targets, Y, Max, LogSum, Total;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V> => LineJob<T, V, S, Line<T, V, S>>.Run(View, new() { Loss = this });
    }

    private unsafe struct Line<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Losses<T> Loss;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            int lines = walk.Lines(S.Count);
            V max = LanePass<T, V, S, MaximumStep>.Run(walk, Loss.X + offset, null, null);
            V log = VectorMath.Log<T, V, S>(LanePass<T, V, S, ExponentialStep<NotStored>>.Run(walk, Loss.X + offset, null, null, max));
            V total = LanePass<T, V, S, WeighedShiftStep>.Run(walk, Loss.X + offset, Loss.Targets + offset, null, new(max, default, default, default), out V weighed);
            S.StorePart(Loss.Y + line, lines, S.Subtract(S.Multiply(total, log), weighed));
            if (Loss.Max != null) S.StorePart(Loss.Max + line, lines, max);
            if (Loss.LogSum != null) S.StorePart(Loss.LogSum + line, lines, log);
            if (Loss.Total != null) S.StorePart(Loss.Total + line, lines, total);
        }
    }

    /// <summary>s0 = Σ b, s1 = Σ b (a − c0), where a class with b = 0 counts nothing, whatever its logit.</summary>
    private readonly struct WeighedShiftStep : ILaneStep
    {
        public static bool ReadsSecond => true;

        public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            s0 = S.Add(s0, b);
            s1 = S.Add(s1, S.AndNot(S.Multiply(b, S.Subtract(a, c.C0)), S.Equal(b, S.Constant(0))));
            return a;
        }
    }
}

/// <summary>
/// The backward pass of <see cref="SoftCrossEntropy"/> by the logits: dx_c = γ (p_c Σ t − t_c). Operands: the lines' gradients γ, logits, targets,
/// and the three kept outputs of the loss.
/// </summary>
/// <param name="Axis">The dimension of the classes, not negative.</param>
public sealed record SoftCrossEntropyGradient(int Axis) : Op
{
    public override string Name => nameof(SoftCrossEntropyGradient);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(Check.Floating(this, x[1]), x[1].Shape);

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[1].DType == DType.Float32) Backward<float>(x, y[0]!);
        else Backward<double>(x, y[0]!);
    }

    private unsafe void Backward<T>(ReadOnlySpan<Tensor> x, Tensor y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Packed g = new(x[0]), logits = new(x[1]), targets = new(x[2]), max = new(x[3]), logSum = new(x[4]), total = new(x[5]);
        using PackedOutput output = new(y);
        Slopes<T> slopes = new()
        {
            View = new(x[1].Shape, Axis), X = (T*)logits.Pointer, Targets = (T*)targets.Pointer, Y = (T*)output.Tensor.Pointer,
            G = (T*)g.Pointer, Max = (T*)max.Pointer, LogSum = (T*)logSum.Pointer, Total = (T*)total.Pointer,
        };
        SimdDispatch.Run<T, Slopes<T>>(ref slopes);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => SoftCrossEntropyKernel.Backward(this, gpu, x, y[0]!);

    private unsafe struct Slopes<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public AxisView View;
        public T* X, Targets, Y, G, Max, LogSum, Total;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V> => LineJob<T, V, S, Line<T, V, S>>.Run(View, new() { Loss = this });
    }

    private unsafe struct Line<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Slopes<T> Loss;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            V gamma = Lanes(walk, Loss.G + line);
            LanePass<T, V, S, ProbabilityMinusTargetStep>.Run(walk, Loss.X + offset, Loss.Targets + offset, Loss.Y + offset,
                Lanes(walk, Loss.Max + line), Lanes(walk, Loss.LogSum + line), S.Multiply(gamma, Lanes(walk, Loss.Total + line)), gamma);
        }

        private static V Lanes(in LaneWalk walk, T* p) => walk.Across ? S.Broadcast(*p) : S.LoadPart(p, walk.Lines(S.Count));
    }

    /// <summary>y = e^((a − c0) − c1) · c2 − b · c3.</summary>
    private readonly struct ProbabilityMinusTargetStep : ILaneStep
    {
        public static bool ReadsSecond => true;
        public static bool Writes => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            V p = VectorMath.Exp<T, V, S>(S.Subtract(S.Subtract(a, c.C0), c.C1));
            return S.Subtract(S.Multiply(p, c.C2), S.Multiply(b, c.C3));
        }
    }
}
