namespace Gradwright.Kernels;

/// <summary>Folds dimensions of any element type, read as whole numbers: a floating-point number counts as 0 or, if it is not 0, as 1.</summary>
/// <typeparam name="TFold">The fold.</typeparam>
/// <param name="Axes">The reduced dimensions, ascending and not negative.</param>
/// <param name="KeepDimensions">Leave them in the result, with length 1.</param>
public sealed record ReduceTruth<TFold>(int[] Axes, bool KeepDimensions) : Op where TFold : struct, IIntegerFold
{
    public override string Name => TFold.Name;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
        => y[0] = new(TFold.IntegerResult(x[0].DType), ReductionRules.ResultShape(this, x[0].Shape, Axes, KeepDimensions));

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using PackedOutput output = new(y[0]!);
        IntegerLoop<TFold>.Run(this, x[0], ReductionRules.Bits(Axes), output.Tensor);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => ReduceKernel.Fold<TFold>(this, gpu, x[0], ReductionRules.Bits(Axes), y[0]!);
}
