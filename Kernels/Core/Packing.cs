namespace Gradwright.Kernels;

/// <summary>Row-major operands for kernels that do not take strides.</summary>
internal static class Packing
{
    /// <summary>The tensor itself under another reference, or a copy without gaps; the caller disposes it.</summary>
    public static Tensor RowMajor(Tensor x) => x.Layout.IsContiguous ? x.Alias(ownership: Tensor.Ownership.Internal) : new Copy().Execute(x);

    /// <summary>For an op that writes row-major only: computes into a temporary and copies, if the destination is anything else.</summary>
    /// <returns>False if the destination is row-major and nothing was done.</returns>
    public static bool ThroughRowMajor(Op op, Tensor destination, params ReadOnlySpan<Tensor> x)
    {
        if (destination.Layout.IsContiguous) return false;
        using Tensor packed = op.Execute(x);
        new Copy().ExecuteInto(destination, packed);
        return true;
    }

    /// <summary>Product of the lengths: 1 for none.</summary>
    public static long Count(ReadOnlySpan<long> lengths)
    {
        long count = 1;
        foreach (long length in lengths) count *= length;
        return count;
    }

    /// <summary>The shape with one length replaced.</summary>
    public static Shape With(this Shape shape, int axis, long length)
    {
        long[] lengths = shape.Span.ToArray();
        lengths[axis] = length;
        return Shape.Create(lengths);
    }
}
