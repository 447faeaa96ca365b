namespace Gradwright.Kernels;

/// <summary>The checks that ops on batches of matrices share, and what they say.</summary>
internal static class Matrices
{
    /// <summary>The longest side that the kernels of a GPU count with.</summary>
    private const long LongestSide = 1 << 15;

    /// <summary>Floating-point numbers in square matrices: the last two dimensions are equal.</summary>
    /// <returns>The length of a side.</returns>
    public static long Square(Op op, string operand, Tensor x)
    {
        if (!x.DType.IsHalf) Check.Floating(op, x);      // the op widens numbers of 16 bits
        if (x.Rank < 2 || x.Shape[^1] != x.Shape[^2])
            throw new ShapeException($"{op.Name}: {operand} has shape {x.Shape}, but square matrices [.., n, n] are expected: the last two dimensions must be equal.");
        if (x.Shape[^1] > LongestSide) throw new ShapeException($"{op.Name}: matrices of {x.Shape[^1]} rows are too large; {LongestSide} are possible.");
        return x.Shape[^1];
    }

    /// <summary>Right sides [.., n, m] for matrices [.., n, n] with the same dimensions in front.</summary>
    public static void RightSide(Op op, Tensor a, Tensor b)
    {
        long n = Square(op, "the matrix", a);
        if (b.Rank != a.Rank || b.Shape[^2] != n || !b.Shape.Span[..^2].SequenceEqual(a.Shape.Span[..^2]))
            throw new ShapeException($"{op.Name}: matrices {a.Shape} and right sides {b.Shape} do not fit: [.., n, n] and [.., n, m] with the same lengths in front are expected. Expand or Unsqueeze one of them.");
    }

    /// <summary>Matrices in a batch.</summary>
    public static long Count(Shape shape) => Packing.Count(shape.Span[..^2]);

    /// <summary>The shape without its last dimensions.</summary>
    public static Shape Front(Shape shape, int dropped) => Shape.Create(shape.Span[..^dropped]);

    /// <summary>A factorisation that does not exist.</summary>
    public static ArithmeticException Failure(Op op, Shape shape, long matrix, string what)
    {
        long[] position = new long[shape.Rank - 2];
        for (int d = position.Length - 1; d >= 0; d--) (position[d], matrix) = (matrix % shape.Span[d], matrix / shape.Span[d]);
        return new($"{op.Name}: the matrix {(position.Length == 0 ? "" : $"at [{Shape.Join(position)}] ")}of {shape} {what}");
    }

    public static string Singular => "is singular: a row is a combination of others. Add a small multiple of the identity, or solve a least-squares problem.";

    public static string NotPositive => "is not positive definite. If it should be, but for rounding, add a small multiple of the identity.";
}
