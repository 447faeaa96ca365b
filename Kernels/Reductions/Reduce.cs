namespace Gradwright.Kernels;

/// <summary>
/// Folds dimensions to one number each. Float32 and Float64 fold in their own precision, pairwise in blocks whose size
/// does not depend on the number of threads; integers and truth values fold in 64 bits.
/// </summary>
/// <typeparam name="TReduction">The fold.</typeparam>
/// <param name="Axes">The reduced dimensions, ascending and not negative.</param>
/// <param name="KeepDimensions">Leave them in the result, with length 1.</param>
public sealed record Reduce<TReduction>(int[] Axes, bool KeepDimensions) : Op where TReduction : struct, IReduction
{
    private static readonly Reduce<TReduction>?[] _whole = new Reduce<TReduction>?[Shape.MaxRank + 1];

    public override string Name => TReduction.Name;
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    /// <summary>What the formula takes besides: the correction of a variance.</summary>
    public double Parameter { get; init; }

    public override int KeptCount => TReduction.KeepsCenter ? 1 : 0;

    /// <summary>The reduction of all <paramref name="rank"/> dimensions to a scalar.</summary>
    public static Reduce<TReduction> Whole(int rank) => _whole[rank] ??= new([.. Enumerable.Range(0, rank)], false);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = ReductionRules.ResultType<TReduction>(this, x[0]);
        Shape shape = ReductionRules.ResultShape(this, x[0].Shape, Axes, KeepDimensions);
        if (TReduction.NeedsElements) ReductionRules.RequireElements(this, x[0], Axes);
        y.Fill(new(dtype, shape));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using PackedOutput output = new(y[0]!);
        uint axes = ReductionRules.Bits(Axes);
        if (x[0].DType is DType.Float32 or DType.Float64) ReduceLoop.Run<TReduction>(x[0], axes, output.Tensor, y.Length > 1 ? y[1] : null, Parameter);
        else IntegerLoop<TReduction>.Run(this, x[0], axes, output.Tensor);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        uint axes = ReductionRules.Bits(Axes);
        if (x[0].DType is DType.Float32 or DType.Float64) ReduceKernel.Run<TReduction>(gpu, x[0], axes, y[0]!, y.Length > 1 ? y[1] : null, Parameter);
        else ReduceKernel.Fold<TReduction>(this, gpu, x[0], axes, y[0]!);
    }
}
