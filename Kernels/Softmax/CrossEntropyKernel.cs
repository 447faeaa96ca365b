namespace Gradwright.Kernels;

/// <summary>What the specialisations of <c>cross_entropy.cu</c> differ in.</summary>
/// <param name="Entry">The kernel.</param>
/// <param name="Type">The logits.</param>
/// <param name="Accumulate">What losses are computed and added up in.</param>
/// <param name="Grid">How work items share samples.</param>
/// <param name="Values">Classes that a lane keeps in registers, or 0.</param>
/// <param name="Weighted">There are class weights.</param>
/// <param name="Smoothed">The label smoothing is not 0.</param>
internal readonly record struct CrossEntropyKey(string Entry, DType Type, DType Accumulate, LineGrid Grid, int Values, bool Weighted, bool Smoothed);

/// <summary>Launches the kernels of <see cref="CrossEntropy"/> and <see cref="CrossEntropyGradient"/>.</summary>
internal static class CrossEntropyKernel
{
    private static readonly KernelTable<CrossEntropyKey> _kernels = new(key => GpuSource.Real("cross_entropy.cu", key.Entry, key.Grid.Group, key.Type,
    [
        ("ACCUMULATE", GpuTypes.Number(key.Accumulate)), ("VALUES", $"{key.Values}"),
        ("WEIGHTED", key.Weighted ? "1" : "0"), ("SMOOTHED", key.Smoothed ? "1" : "0"), .. key.Grid.Defines,
    ]));

    /// <summary>Operands and outputs as in <see cref="CrossEntropy"/>.</summary>
    public static void Forward(CrossEntropy op, GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed logits = new(x[0]), targets = new(x[1]), weights = new(x[^1]);
        GpuLines lines = GpuLines.Along(new(x[0].Shape, 1));
        LineGrid grid = LineGrid.For(gpu, lines);
        DType accumulate = gpu.Traits.HasDouble ? DType.Float64 : x[0].DType;
        long groups = grid.Groups(lines.Count);
        bool perSample = op.Reduction == Reduction.None;
        using Tensor partials = Tensor.Empty([groups, 2], accumulate, gpu);
        CrossEntropyKey key = new("cross_entropy", x[0].DType, accumulate, grid, grid.Fits(lines) ? LineGrid.LaneElements : 0, x.Length > 2, op.LabelSmoothing != 0);

        KernelArguments arguments = new();
        arguments.Out(perSample ? y[0] : null);
        arguments.Out(y[1]);
        arguments.Out(y[2]);
        arguments.Out(partials);
        arguments.In(logits.Tensor);
        arguments.In(targets.Tensor);
        arguments.In(key.Weighted ? weights.Tensor : null);
        arguments.Value(lines);
        arguments.Value(op.IgnoreIndex);
        arguments.Real(op.LabelSmoothing, accumulate);
        arguments.Value(perSample ? 1 : 0);
        arguments.Value(y[1] is null ? 0 : 1);
        (Shape shape, long classes) = (x[1].Shape, lines.Length);
        gpu.Faults.AddTo(ref arguments, (sample, target) => CrossEntropy.NoClass(shape, sample, target, classes, op.IgnoreIndex));
        gpu.Launch(_kernels[key], new(groups), ref arguments);
        if (perSample && y[3] is null) return;

        KernelArguments total = new();
        total.Out(perSample ? null : y[0]);
        total.Out(y[3]);
        total.In(partials);
        total.Value(groups);
        total.Value(perSample ? 0 : 1);
        total.Value(op.Reduction == Reduction.Mean ? 1 : 0);
        total.Value(y[3] is null ? 0 : 1);
        gpu.Launch(_kernels[new("cross_entropy_total", x[0].DType, accumulate, LineGrid.GroupPerLine(gpu), 0, false, false)], new(1), ref total);
    }

    /// <summary>Operands and outputs as in <see cref="CrossEntropyGradient"/>.</summary>
    public static void Backward(CrossEntropy op, GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed g = new(x[0]), logits = new(x[1]), targets = new(x[2]), max = new(x[3]), logSum = new(x[4]), weights = new(x[^1]);
        GpuLines lines = GpuLines.Along(new(x[1].Shape, 1));
        LineGrid grid = LineGrid.For(gpu, lines);
        DType accumulate = gpu.Traits.HasDouble ? DType.Float64 : x[1].DType;
        CrossEntropyKey key = new("cross_entropy_gradient", x[1].DType, accumulate, grid, 0, x.Length > 6, op.LabelSmoothing != 0);

        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.Out(y[1]);
        arguments.In(g.Tensor);
        arguments.In(logits.Tensor);
        arguments.In(targets.Tensor);
        arguments.In(max.Tensor);
        arguments.In(logSum.Tensor);
        arguments.In(x[5]);
        arguments.In(key.Weighted ? weights.Tensor : null);
        arguments.Value(lines);
        arguments.Value(op.IgnoreIndex);
        arguments.Real(op.LabelSmoothing, accumulate);
        arguments.Value(op.Reduction == Reduction.None ? 1 : 0);
        arguments.Value(op.Reduction == Reduction.Mean ? 1 : 0);
        arguments.Value(y[1] is null ? 0 : 1);
        gpu.Launch(_kernels[key], new(grid.Groups(lines.Count)), ref arguments);
    }
}
