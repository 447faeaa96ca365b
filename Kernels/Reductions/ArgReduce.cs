using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// Where along a dimension the largest (or smallest) element stands, as Int64: the first one if there are several. NaN counts
/// as the extreme, so the first NaN wins.
/// </summary>
/// <typeparam name="TReduction"><see cref="Max"/> or <see cref="Min"/>.</typeparam>
/// <param name="Axis">The dimension, not negative.</param>
/// <param name="KeepDimensions">Leave it in the result, with length 1.</param>
public sealed record ArgReduce<TReduction>(int Axis, bool KeepDimensions) : Op where TReduction : struct, IReduction
{
    public override string Name => "Arg" + TReduction.Name;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        ReductionRules.ResultType<TReduction>(this, x[0]);
        Shape shape = ReductionRules.ResultShape(this, x[0].Shape, [Axis], KeepDimensions);
        ReductionRules.RequireElements(this, x[0], [Axis]);
        y[0] = new(DType.Int64, shape);
    }

    // Two steps: the extreme itself, by the loop of all reductions, then its first occurrence; row by row where a row lies in one piece.
    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using PackedOutput output = new(y[0]!);
        using Packed input = new(x[0]);
        if (ArgRows.TryPlan(input.Tensor, Axis, out ReducePlan rows))
        {
            ArgRows.Find<TReduction>(rows, input.Tensor, output.Tensor);
            output.Finish();
            return;
        }

        using Tensor extremes = Tensor.Empty(output.Tensor.Shape, x[0].DType, x[0].Accelerator);
        if (x[0].DType.IsFloating) ReduceLoop.Run<TReduction>(input.Tensor, 1u << Axis, extremes);
        else IntegerLoop<TReduction>.Run(this, input.Tensor, 1u << Axis, extremes);
        FirstOccurrence.Find(this, input.Tensor, Axis, extremes, output.Tensor);
        output.Finish();
    }

    private static readonly KernelTable<(DType Type, LineGrid Grid, bool Parts)> _gpu = new(key => new(
        GpuSource.File("arg_reduce.cu"), key.Parts ? "arg_parts" : "arg_lines", key.Grid.Group,
        [
            ("TX", GpuTypes.Number(key.Type)), ("FLOATING", key.Type.IsFloating ? "1" : "0"),
            ("BEATS(a, b)", typeof(TReduction) == typeof(Max) ? "((a) > (b))" : "((a) < (b))"), .. key.Grid.Defines,
        ]));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ByType.RequireNumber(this, x[0].DType);
        bool planned = GpuLines.TryCreate(x[0].Layout, 1u << Axis, out GpuLines lines);
        using Packed input = new(x[0], planned);
        if (!planned) GpuLines.TryCreate(input.Tensor.Layout, 1u << Axis, out lines);
        if (lines.Count == 0) return;
        LineGrid grid = LineGrid.For(gpu, lines);
        (int parts, long length) = grid.Cut(gpu, lines);
        using Tensor? values = parts > 1 ? Tensor.Empty([lines.Count, parts], x[0].DType, gpu) : null;
        using Tensor? positions = parts > 1 ? Tensor.Empty([lines.Count, parts], DType.Int64, gpu) : null;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.Out(values);
        arguments.Out(positions);
        arguments.In(input.Tensor);
        arguments.Value(lines);
        arguments.Value(length);
        arguments.Value(parts);
        gpu.Launch(_gpu[(x[0].DType, grid, false)], new(grid.Groups(lines.Count), parts), ref arguments);
        if (parts == 1) return;
        KernelArguments found = new();
        found.Out(y[0]);
        found.In(values);
        found.In(positions);
        found.Value(parts);
        gpu.Launch(_gpu[(x[0].DType, LineGrid.GroupPerLine(gpu), true)], new(lines.Count), ref found);
    }
}
