namespace Gradwright.Kernels;

/// <summary>Distances, in elements, in a tensor seen as [outer, heads, rows, columns].</summary>
internal readonly record struct AttentionStrides(long Outer, long Head, long Row, long Column)
{
    /// <summary>The strides of a layout of two or more dimensions.</summary>
    /// <returns>False where its outer dimensions do not follow each other with one stride.</returns>
    public static bool TryOf(Layout layout, out AttentionStrides strides)
    {
        ReadOnlySpan<long> lengths = layout.Shape.Span, steps = layout.Strides;
        int rank = layout.Rank;
        strides = new(0, rank > 2 ? steps[^3] : 0, steps[^2], lengths[^1] == 1 ? 1 : steps[^1]);
        bool first = true;
        long expected = 0;
        for (int d = rank - 4; d >= 0; d--)
        {
            if (lengths[d] == 1) continue;
            if (!first && steps[d] != expected) return false;
            if (first) strides = strides with { Outer = steps[d] };
            (first, expected) = (false, steps[d] * lengths[d]);
        }

        return true;
    }

    /// <summary>A new tensor's layout: row-major, but for heads that lie inside the rows of a tensor whose memory order is followed.</summary>
    public static Layout Like(Layout order, Shape shape)
    {
        Layout plain = Layout.Contiguous(shape);
        if (shape.Rank < 3 || Math.Abs(order.Strides[^3]) >= Math.Abs(order.Strides[^2])) return plain;
        long[] strides = plain.Strides.ToArray();
        (strides[^3], strides[^2]) = (shape.Span[^1], shape.Span[^1] * shape.Span[^3]);
        return new(shape, strides);
    }
}

/// <summary>An operand of attention: itself where its rows are dense and its outer dimensions have one stride, else a temporary copy that is freed at the brace.</summary>
internal readonly ref struct AttentionOperand : IDisposable
{
    private readonly bool _owned;

    /// <param name="x">The tensor; null for none.</param>
    /// <param name="stretched">The shape that it broadcasts to, for masks and biases: its columns may then have any stride.</param>
    public AttentionOperand(Tensor? x, Shape? stretched = null)
    {
        if (x is null) return;
        Layout layout = stretched is { } shape ? x.Layout.Expand(shape) : x.Layout;
        if (AttentionStrides.TryOf(layout, out AttentionStrides strides) && (stretched is not null || strides.Column == 1))
        {
            (Tensor, Strides) = (x, strides);
            return;
        }

        using Tensor view = x.Alias(layout, Tensor.Ownership.Internal);
        Tensor = new Copy().Execute(view);
        AttentionStrides.TryOf(Tensor.Layout, out strides);
        (Strides, _owned) = (strides, true);
    }

    public Tensor? Tensor { get; }

    public AttentionStrides Strides { get; }

    /// <summary>Address of the first element, or null.</summary>
    public nint Pointer => Tensor?.Pointer ?? 0;

    public void Dispose()
    {
        if (_owned) Tensor!.Dispose();
    }
}
