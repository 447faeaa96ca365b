namespace Gradwright.Kernels;

/// <summary>Images [N, C, spatial axes] whose channels lie next to each other: pixel by pixel in memory, under the same shape.</summary>
internal static class ChannelsLast
{
    /// <summary>The layout of a new buffer.</summary>
    public static Layout Of(Shape shape)
    {
        long[] strides = new long[shape.Rank];
        long stride = shape[1];
        strides[1] = 1;
        for (int axis = shape.Rank - 1; axis > 1; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        strides[0] = stride;
        return new(shape, strides);
    }

    /// <summary>Whether elements lie like that, wherever they begin. Axes of length 1 have no stride.</summary>
    public static bool Is(Layout layout)
    {
        ReadOnlySpan<long> lengths = layout.Shape.Span, strides = layout.Strides;
        if (lengths.Length < 3 || (lengths[1] != 1 && strides[1] != 1)) return false;
        long expected = lengths[1];
        for (int axis = lengths.Length - 1; axis > 1; axis--)
        {
            if (lengths[axis] != 1 && strides[axis] != expected) return false;
            expected *= lengths[axis];
        }

        return lengths[0] == 1 || strides[0] == expected;
    }

    /// <summary>The tensor itself under another reference, or a copy in this order; the caller disposes it.</summary>
    public static Tensor Packed(Tensor x)
    {
        if (Is(x.Layout)) return x.Alias(ownership: Tensor.Ownership.Internal);
        Tensor copy = Tensor.Empty(Of(x.Shape), x.DType, x.Accelerator, Tensor.Ownership.Internal);
        new Copy().ExecuteInto(copy, x);
        return copy;
    }
}
