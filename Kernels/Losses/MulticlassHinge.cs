using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The hinge loss of scores s [N, C, …] with the right classes y [N, …] (Int64): ℓ = Σ over j ≠ y of max(0, s_j − s_y + Δ), or of its square
/// (Weston and Watkins 1999). A loss per sample.
/// </summary>
/// <param name="Margin">Δ.</param>
/// <param name="Squared">Whether each class's term is squared.</param>
public sealed record MulticlassHinge(double Margin, bool Squared) : Op
{
    public override string Name => nameof(MulticlassHinge);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.Type(this, "targets", x[1], DType.Int64);
        Shape scores = x[0].Shape;
        if (scores.Rank < 2 || x[1].Shape != CrossEntropy.SampleShape(scores))
            throw new ShapeException($"{Name}: scores {scores} and targets {x[1].Shape} do not fit: scores are [N, C] or [N, C, …] with the classes in dimension 1, targets [N] or [N, …] with one class per sample.");
        y[0] = new(dtype, x[1].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using PackedOutput output = new(y[0]!);
        if (x[0].DType == DType.Float32) HingeLines.Run<float>(this, x[0], x[1], null, output.Tensor);
        else HingeLines.Run<double>(this, x[0], x[1], null, output.Tensor);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => HingeLines.RunGpu(this, gpu, x[0], x[1], null, y[0]!);
}

/// <summary>
/// The backward pass of <see cref="MulticlassHinge"/>: ds_j = γ [s_j − s_y + Δ > 0] for j ≠ y (times twice that number if squared), and ds_y = −Σ ds_j.
/// Operands: the samples' gradients γ, scores, targets.
/// </summary>
/// <param name="Loss">The loss.</param>
public sealed record MulticlassHingeGradient(MulticlassHinge Loss) : Op
{
    public override string Name => nameof(MulticlassHingeGradient);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(Check.Floating(this, x[1]), x[1].Shape);

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using PackedOutput output = new(y[0]!);
        if (x[1].DType == DType.Float32) HingeLines.Run<float>(Loss, x[1], x[2], x[0], output.Tensor);
        else HingeLines.Run<double>(Loss, x[1], x[2], x[0], output.Tensor);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => HingeLines.RunGpu(Loss, gpu, x[1], x[2], x[0], y[0]!);
}

/// <summary>How both are computed: one line of classes per sample.</summary>
internal static unsafe class HingeLines
{
    private static readonly KernelTable<(string Entry, DType Type, bool Squared, LineGrid Grid)> _gpu = new(key => GpuSource.Real("multiclass_hinge.cu", key.Entry, key.Grid.Group, key.Type,
        [("SQUARED", key.Squared ? "1" : "0"), .. key.Grid.Defines]));

    /// <summary>The losses, or the gradient if g is given.</summary>
    public static void Run<T>(MulticlassHinge op, Tensor scores, Tensor targets, Tensor? g, Tensor y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AxisView view = new(scores.Shape, 1);
        using Tensor index = Indices.Checked(op, targets, view.Length, Indices.Target(1, scores.Shape));
        using Packed s = new(scores), gradients = new(g ?? scores);
        Action<T> action = new()
        {
            View = view, X = (T*)s.Pointer, Targets = (long*)index.Pointer, G = g is null ? null : (T*)gradients.Pointer, Y = (T*)y.Pointer,
            Margin = op.Margin, Squared = op.Squared,
        };
        SimdDispatch.Run<T, Action<T>>(ref action);
    }

    public static void RunGpu(MulticlassHinge op, GpuAccelerator gpu, Tensor scores, Tensor targets, Tensor? g, Tensor y)
    {
        if (scores.Count == 0)
        {
            y.FillInPlace(0);
            return;
        }

        using Packed s = new(scores), index = new(targets), gradients = new(g ?? scores);
        GpuLines lines = GpuLines.Along(new(scores.Shape, 1));
        LineGrid grid = LineGrid.For(gpu, lines);
        Shape shape = scores.Shape;
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.In(g is null ? null : gradients.Tensor);
        arguments.In(s.Tensor);
        arguments.In(index.Tensor);
        arguments.Value(lines);
        arguments.Real(op.Margin, scores.DType);
        Indices.AddChecks(gpu, ref arguments, op, targets.Shape, lines.Length, () => Indices.Target(1, shape));
        gpu.Launch(_gpu[(g is null ? "multiclass_hinge" : "multiclass_hinge_gradient", scores.DType, op.Squared, grid)], new(grid.Groups(lines.Count)), ref arguments);
    }

    private struct Action<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public AxisView View;
        public T* X, G, Y;
        public long* Targets;
        public double Margin;
        public bool Squared;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
        {
            if (View.Length == 0) new Span<T>(Y, (int)(G == null ? View.Outer * View.Inner : 0)).Clear();
            if (G == null && Squared) LineJob<T, V, S, Line<T, V, S, HingeStep<SquaredTerm>>>.Run(View, new() { Loss = this });
            else if (G == null) LineJob<T, V, S, Line<T, V, S, HingeStep<PlainTerm>>>.Run(View, new() { Loss = this });
            else if (Squared) LineJob<T, V, S, Line<T, V, S, HingeSlopeStep<SquaredTerm>>>.Run(View, new() { Loss = this });
            else LineJob<T, V, S, Line<T, V, S, HingeSlopeStep<PlainTerm>>>.Run(View, new() { Loss = this });
        }
    }

    /// <summary>The classes of one sample, or of a bundle of neighbouring ones. The right class takes part first and is taken out again.</summary>
    private struct Line<T, V, S, TStep> : ILine<T, V, S>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TStep : struct, ILaneStep
    {
        public Action<T> Loss;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            int lines = walk.Lines(S.Count);
            T* right = stackalloc T[2 * S.Count], totals = right + S.Count;
            for (int i = 0; i < lines; i++) right[i] = Loss.X[offset + i + Loss.Targets[line + i] * Loss.View.Inner];
            V scores = walk.Across ? S.Broadcast(*right) : S.LoadPart(right, lines), margin = S.Constant(Loss.Margin);
            if (Loss.G == null)
            {
                V total = LanePass<T, V, S, TStep>.Run(walk, Loss.X + offset, null, null, scores, margin);
                T step = T.CreateTruncating(Math.Max(0, Loss.Margin)), own = Loss.Squared ? step * step : step;
                S.StorePart(Loss.Y + line, lines, S.Subtract(total, S.Broadcast(own)));
                return;
            }

            T* g = Loss.G + line;
            V gamma = walk.Across ? S.Broadcast(*g) : S.LoadPart(g, lines);
            S.Store(totals, LanePass<T, V, S, TStep>.Run(walk, Loss.X + offset, null, Loss.Y + offset, scores, margin, gamma));
            for (int i = 0; i < lines; i++) Loss.Y[offset + i + Loss.Targets[line + i] * Loss.View.Inner] -= totals[i];
        }
    }

    /// <summary>What a class that comes too near costs, and what its slope is.</summary>
    private interface ITerm
    {
        static abstract V Value<T, V, S>(V excess) where T : unmanaged where V : struct where S : struct, ISimd<T, V>;
        static abstract V Slope<T, V, S>(V excess, V gamma) where T : unmanaged where V : struct where S : struct, ISimd<T, V>;
    }

    private readonly struct PlainTerm : ITerm
    {
        public static V Value<T, V, S>(V excess) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => excess;
        public static V Slope<T, V, S>(V excess, V gamma) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
            => S.AndNot(gamma, S.LessOrEqual(excess, S.Constant(0)));
    }

    private readonly struct SquaredTerm : ITerm
    {
        public static V Value<T, V, S>(V excess) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => S.Multiply(excess, excess);
        public static V Slope<T, V, S>(V excess, V gamma) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
            => S.Multiply(S.Add(excess, excess), gamma);
    }

    /// <summary>s0 = Σ of max(0, (a − c0) + c1), or of its square.</summary>
    private readonly struct HingeStep<TTerm> : ILaneStep where TTerm : struct, ITerm
    {
        public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            s0 = S.Add(s0, TTerm.Value<T, V, S>(S.Max(S.Add(S.Subtract(a, c.C0), c.C1), S.Constant(0))));
            return a;
        }
    }

    /// <summary>y = the slope of that, times c2; s0 = Σ y.</summary>
    private readonly struct HingeSlopeStep<TTerm> : ILaneStep where TTerm : struct, ITerm
    {
        public static bool Writes => true;

        public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            V slope = TTerm.Slope<T, V, S>(S.Max(S.Add(S.Subtract(a, c.C0), c.C1), S.Constant(0)), c.C2);
            s0 = S.Add(s0, slope);
            return slope;
        }
    }
}
