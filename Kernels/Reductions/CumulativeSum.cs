namespace Gradwright.Kernels;

/// <summary>
/// yᵢ = Σ xⱼ over j ≤ i along one dimension, or over j ≥ i if reversed. Floating-point numbers are summed in double precision,
/// integers and truth values in Int64.
/// </summary>
/// <param name="Axis">The dimension, not negative.</param>
/// <param name="Reversed">From the last element to the first.</param>
public sealed record CumulativeSum(int Axis, bool Reversed) : Op
{
    public override string Name => nameof(CumulativeSum);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        x[0].Shape.Axis(Axis, Name);
        y[0] = new(ReductionRules.ResultType<Sum>(this, x[0]), x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].Count == 0) return;
        using Packed input = new(x[0]);
        using PackedOutput output = new(y[0]!);
        RunningTotals<RunningSum> totals = new() { View = new(x[0].Shape, Axis), Reversed = Reversed, X = input.Pointer, Y = output.Tensor.Pointer };
        ByType.Number(this, x[0].DType, ref totals);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ByType.RequireNumber(this, x[0].DType);
        using Packed input = new(x[0]);
        ScanKernel.Totals(gpu, ScanKind.Sum, new(x[0].Shape, Axis), Reversed, input.Tensor, y[0]!);
    }
}
