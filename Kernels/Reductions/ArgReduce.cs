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

    // Two steps: the extreme itself, by the loop of all reductions, then its first occurrence.
    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using PackedOutput output = new(y[0]!);
        using Packed input = new(x[0]);
        using Tensor extremes = Tensor.Empty(output.Tensor.Shape, x[0].DType, x[0].Accelerator);
        if (x[0].DType.IsFloating) ReduceLoop.Run<TReduction>(input.Tensor, 1u << Axis, extremes);
        else IntegerLoop<TReduction>.Run(this, input.Tensor, 1u << Axis, extremes);
        FirstOccurrence.Find(this, input.Tensor, Axis, extremes, output.Tensor);
        output.Finish();
    }
}
