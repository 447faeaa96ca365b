using Gradwright.Kernels;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddReductions()
    {
        Of<Reduce<Sum>>((c, op) => op.Axes.Length == 0 ? Widened(c) : Total(c, Widened(c), op.Axes, op.KeepDimensions));
        Of<Reduce<Mean>>((c, op) => Folded(c, "ReduceMean", c[0], op.Axes, op.KeepDimensions));
        Of<Reduce<Max>>((c, op) => Folded(c, "ReduceMax", c[0], op.Axes, op.KeepDimensions));
        Of<Reduce<Min>>((c, op) => Folded(c, "ReduceMin", c[0], op.Axes, op.KeepDimensions));
        Of<Reduce<Prod>>((c, op) => Folded(c, "ReduceProd", Widened(c), op.Axes, op.KeepDimensions));
        Of<Reduce<LogSumExp>>((c, op) => Folded(c, "ReduceLogSumExp", c[0], op.Axes, op.KeepDimensions));
        Of<Reduce<EuclideanNorm>>((c, op) => op.Axes.Length == 0 ? c.Emit("Abs", [c[0]]) : Folded(c, "ReduceL2", c[0], op.Axes, op.KeepDimensions));
        Of<Reduce<Variance>>((c, op) =>
        {
            long count = op.Axes.Aggregate(1L, (n, axis) => n * c.Shape(0)[axis]);
            string difference = c.Emit("Sub", [c[0], Folded(c, "ReduceMean", c[0], op.Axes, true)]), squares = c.Emit("Mul", [difference, difference]);
            return c.Emit("Div", [op.Axes.Length == 0 ? squares : Total(c, squares, op.Axes, op.KeepDimensions), c.Number(count - op.Parameter, c.Type(0))]);
        });
        Of<ArgReduce<Max>>((c, op) => c.Emit("ArgMax", [c[0]], Int("axis", op.Axis), Flag("keepdims", op.KeepDimensions), Flag("select_last_index", false)));
        Of<ArgReduce<Min>>((c, op) => c.Emit("ArgMin", [c[0]], Int("axis", op.Axis), Flag("keepdims", op.KeepDimensions), Flag("select_last_index", false)));
        Of<ReduceTruth<Any>>((c, op) => c.Cast(Folded(c, "ReduceMax", Ones(c), op.Axes, op.KeepDimensions), DType.Int64, DType.Bool));
        Of<ReduceTruth<All>>((c, op) => c.Cast(Folded(c, "ReduceMin", Ones(c), op.Axes, op.KeepDimensions), DType.Int64, DType.Bool));
        Of<ReduceTruth<CountNonzero>>((c, op) => op.Axes.Length == 0 ? Ones(c) : Total(c, Ones(c), op.Axes, op.KeepDimensions));
        Of<CumulativeSum>((c, op) => c.Emit("CumSum", [Widened(c), c.Number(op.Axis, DType.Int64)], Flag("reverse", op.Reversed)));
        Of<SumTo>((c, op) =>
        {
            int added = c.Shape(0).Rank - op.Shape.Rank;
            int[] axes = [.. Enumerable.Range(0, c.Shape(0).Rank).Where(d => d < added || op.Shape[d - added] == 1)];
            return axes.Length == 0 ? c[0] : c.Reshape(Total(c, c[0], axes, true), op.Shape.Span);
        });
    }

    // No axes mean none here, but all in the format.
    private static string Folded(OnnxContext c, string type, string x, int[] axes, bool keepDimensions)
        => axes.Length == 0 ? x : c.Emit(type, [x], Ints("axes", axes.Select(axis => (long)axis)), Flag("keepdims", keepDimensions));

    // Sums take the axes as an operand since operator set 13, the other reductions only since 18.
    private static string Total(OnnxContext c, string x, int[] axes, bool keepDimensions)
        => c.Emit("ReduceSum", [x, c.Longs([.. axes.Select(axis => (long)axis)])], Flag("keepdims", keepDimensions));

    /// <summary>Integers are added and multiplied in Int64.</summary>
    private static string Widened(OnnxContext c) => c.Type(0).IsFloating ? c[0] : c.Cast(c[0], c.Type(0), DType.Int64);

    /// <summary>1 where the operand is not 0, as Int64.</summary>
    private static string Ones(OnnxContext c) => c.Cast(c.Cast(c[0], c.Type(0), DType.Bool), DType.Bool, DType.Int64);
}
