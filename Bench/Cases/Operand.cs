namespace Gradwright.Bench;

/// <summary>Operands of the cases: standard normal numbers, the same in every run.</summary>
internal static class Operand
{
    public static Tensor Normal(params long[] shape) => Normal(shape, DType.Float32);

    public static Tensor Normal(Shape shape, DType dtype) => Tensor.Normal(shape, new Generator(1), dtype: dtype);

    /// <summary>Images [n, c, h, w] whose channels lie next to each other in memory.</summary>
    public static Tensor ChannelsLast(params long[] shape) => Normal(shape[0], shape[2], shape[3], shape[1]).Permute(0, 3, 1, 2);

    /// <summary>A tensor that gets a gradient.</summary>
    public static Tensor Leaf(params long[] shape) => Tensor.Parameter(Normal(shape));

    /// <summary>Class numbers 0 .. classes−1.</summary>
    public static Tensor Classes(long count, long classes) => Tensor.RandomIntegers([count], new Generator(2), 0, classes);
}
