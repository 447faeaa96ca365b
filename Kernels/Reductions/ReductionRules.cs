namespace Gradwright.Kernels;

/// <summary>The shape rules that reductions share.</summary>
internal static class ReductionRules
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
