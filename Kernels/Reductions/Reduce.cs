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

    /// <summary>What the formula takes besides: the correction of a variance.</summary>
    public double Parameter { get; init; }

    public override int KeptCount => TReduction.KeepsCenter ? 1 : 0;

    /// <summary>The reduction of all <paramref name="rank"/> dimensions to a scalar.</summary>
    public static Reduce<TReduction> Whole(int rank) => _whole[rank] ??= new([.. Enumerable.Range(0, rank)], false);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Reduction.ResultType<TReduction>(this, x[0]);
        Shape shape = Reduction.ResultShape(this, x[0].Shape, Axes, KeepDimensions);
        if (TReduction.NeedsElements) Reduction.RequireElements(this, x[0], Axes);
        y.Fill(new(dtype, shape));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using PackedOutput output = new(y[0]!);
        uint axes = Reduction.Bits(Axes);
        if (x[0].DType is DType.Float32 or DType.Float64) ReduceLoop.Run<TReduction>(x[0], axes, output.Tensor, y.Length > 1 ? y[1] : null, Parameter);
        else IntegerLoop<TReduction>.Run(this, x[0], axes, output.Tensor);
        output.Finish();
    }
}

/// <summary>Folds dimensions of any element type, read as whole numbers: a floating-point number counts as 0 or, if it is not 0, as 1.</summary>
/// <typeparam name="TFold">The fold.</typeparam>
/// <param name="Axes">The reduced dimensions, ascending and not negative.</param>
/// <param name="KeepDimensions">Leave them in the result, with length 1.</param>
public sealed record ReduceTruth<TFold>(int[] Axes, bool KeepDimensions) : Op where TFold : struct, IIntegerFold
{
    public override string Name => TFold.Name;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
        => y[0] = new(TFold.IntegerResult(x[0].DType), Reduction.ResultShape(this, x[0].Shape, Axes, KeepDimensions));

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using PackedOutput output = new(y[0]!);
        IntegerLoop<TFold>.Run(this, x[0], Reduction.Bits(Axes), output.Tensor);
        output.Finish();
    }
}

/// <summary>The shape rules that reductions share.</summary>
internal static class Reduction
{
    public static uint Bits(int[] axes)
    {
        uint bits = 0;
        foreach (int axis in axes) bits |= 1u << axis;
        return bits;
    }

    public static DType ResultType<TFold>(Op op, Tensor x) where TFold : struct, IIntegerFold
        => TFold.OnIntegers && !x.DType.IsFloating ? TFold.IntegerResult(x.DType) : Check.Floating(op, x);

    public static Shape ResultShape(Op op, Shape x, int[] axes, bool keepDimensions)
    {
        uint bits = 0;
        foreach (int axis in axes)
        {
            if ((uint)axis >= (uint)x.Rank || (bits >> axis & 1) != 0)
                throw new ShapeException($"{op.Name}: axes [{string.Join(", ", axes)}] do not each name one of the {x.Rank} dimensions of {x}.");
            bits |= 1u << axis;
        }

        long[] lengths = new long[keepDimensions ? x.Rank : x.Rank - axes.Length];
        int used = 0;
        for (int d = 0; d < x.Rank; d++)
        {
            if ((bits >> d & 1) == 0) lengths[used++] = x.Span[d];
            else if (keepDimensions) lengths[used++] = 1;
        }

        return lengths;
    }

    public static void RequireElements(Op op, Tensor x, int[] axes)
    {
        foreach (int axis in axes)
            if (x.Shape.Span[axis] == 0)
                throw new ShapeException($"{op.Name}: dimension {axis} of {x.Shape} has no elements, and {op.Name} of nothing does not exist. Check for emptiness first, or concatenate a bound.");
    }
}
