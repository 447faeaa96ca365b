namespace Gradwright;

/// <summary>
/// How a tensor's elements lie in its buffer: element (i₀, i₁, …) is at <c>Offset + Σ iₖ · Strides[k]</c>, counted in elements.
/// Immutable, so tensors share layouts.
/// </summary>
public sealed class Layout
{
    private readonly long[] _strides;

    /// <summary>A layout with any strides (0 repeats an element, negative runs backwards).</summary>
    public Layout(Shape shape, ReadOnlySpan<long> strides, long offset = 0) : this(shape, strides.ToArray(), offset) { }

    private Layout(Shape shape, long[] strides, long offset)
    {
        (Shape, _strides, Offset, Count) = (shape, strides, offset, shape.Count);
        long expected = 1;
        bool contiguous = true;
        for (int i = strides.Length - 1; i >= 0; i--)
        {
            if (shape.Span[i] != 1 && strides[i] != expected) { contiguous = false; break; }
            expected *= shape.Span[i];
        }

        IsContiguous = contiguous || Count == 0;
        IsDense = IsContiguous || HasNoGaps();
    }

    /// <summary>Row-major: the last dimension is the fastest.</summary>
    public static Layout Contiguous(Shape shape)
    {
        ReadOnlySpan<long> lengths = shape.Span;
        long[] strides = new long[lengths.Length];
        long stride = 1;
        for (int i = lengths.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= lengths[i];
        }

        return new(shape, strides, 0);
    }

    public Shape Shape { get; }

    /// <summary>Distance between neighbours along each dimension, in elements.</summary>
    public ReadOnlySpan<long> Strides => _strides;

    /// <summary>Position of the first element, in elements.</summary>
    public long Offset { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Row-major without gaps (wherever it starts).</summary>
    public bool IsContiguous { get; }

    /// <summary>A permutation of a contiguous layout: every place between the first and the last is used exactly once.</summary>
    public bool IsDense { get; }

    public int Rank => _strides.Length;

    /// <summary>The same order of dimensions, without offset, for a new buffer. Only a dense layout has one; others become contiguous.</summary>
    public Layout ForNewBuffer() => !IsDense ? Contiguous(Shape) : Offset == 0 ? this : new(Shape, _strides, 0);

    /// <summary>The same layout further on in a buffer.</summary>
    internal Layout Shifted(long elements) => elements == 0 ? this : new(Shape, _strides, Offset + elements);

    /// <summary>The first and the last position in use; the last lies before the first when there are no elements.</summary>
    internal (long First, long Last) Extent()
    {
        if (Count == 0) return (Offset, Offset - 1);
        long first = Offset, last = Offset;
        for (int i = 0; i < Rank; i++)
        {
            long span = (Shape.Span[i] - 1) * _strides[i];
            if (span < 0) first += span;
            else last += span;
        }

        return (first, last);
    }

    /// <summary>Dimension <c>order[k]</c> becomes dimension k.</summary>
    public Layout Permute(ReadOnlySpan<int> order)
    {
        long[] lengths = new long[Rank], strides = new long[Rank];
        for (int i = 0; i < Rank; i++)
        {
            lengths[i] = Shape.Span[order[i]];
            strides[i] = _strides[order[i]];
        }

        return new(new Shape(lengths), strides, Offset);
    }

    /// <summary>Elements start, start + step, … (count of them) along one dimension.</summary>
    public Layout Slice(int axis, long start, long count, long step)
    {
        long[] lengths = Shape.Span.ToArray(), strides = Strides.ToArray();
        lengths[axis] = count;
        strides[axis] *= step;
        return new(new Shape(lengths), strides, count == 0 ? Offset : Offset + start * _strides[axis]);
    }

    /// <summary>Element <paramref name="index"/> along a dimension, which disappears.</summary>
    public Layout Select(int axis, long index)
        => new(new Shape(Without(Shape.Span, axis)), Without(Strides, axis), Offset + index * _strides[axis]);

    /// <summary>Drops a dimension (of length 1).</summary>
    public Layout Squeeze(int axis) => new(new Shape(Without(Shape.Span, axis)), Without(Strides, axis), Offset);

    /// <summary>Inserts a dimension of length 1.</summary>
    public Layout Unsqueeze(int axis)
    {
        long stride = axis < Rank ? _strides[axis] * Shape.Span[axis] : 1;
        return new(new Shape([.. Shape.Span[..axis], 1, .. Shape.Span[axis..]]), [.. Strides[..axis], stride, .. Strides[axis..]], Offset);
    }

    /// <summary>Repeats dimensions of length 1 (stride 0) and adds leading ones; the caller has checked that the shapes fit.</summary>
    public Layout Expand(Shape shape)
    {
        long[] strides = new long[shape.Rank];
        for (int i = 1; i <= Rank; i++)
            strides[^i] = Shape.Span[^i] == shape.Span[^i] ? _strides[^i] : 0;
        return new(shape, strides, Offset);
    }

    /// <summary>The same elements in the same order under another shape, or null where that needs a copy.</summary>
    public Layout? TryReshape(Shape shape)
    {
        ReadOnlySpan<long> from = Shape.Span, to = shape.Span;
        long[] strides = new long[to.Length];
        if (IsContiguous)
        {
            long stride = 1;
            for (int i = to.Length - 1; i >= 0; i--)
            {
                strides[i] = stride;
                stride *= to[i];
            }

            return new(shape, strides, Offset);
        }

        // Walk both shapes from the end in groups of equal size; a group's source dimensions must follow each other without gaps.
        int f = from.Length - 1, t = to.Length - 1;
        while (f >= 0 || t >= 0)
        {
            while (f >= 0 && from[f] == 1) f--;
            if (f < 0)
            {
                for (; t >= 0; t--) strides[t] = 1;
                break;
            }

            long groupFrom = from[f], groupTo = 1, stride = _strides[f], expected = _strides[f] * from[f];
            f--;
            while (groupTo != groupFrom || (t >= 0 && to[t] == 1))
            {
                if (groupTo < groupFrom || (groupTo == groupFrom && t >= 0))
                {
                    strides[t] = stride * groupTo;
                    groupTo *= to[t--];
                    continue;
                }

                while (f >= 0 && from[f] == 1) f--;
                if (f < 0 || _strides[f] != expected) return null;
                expected *= from[f];
                groupFrom *= from[f--];
            }
        }

        return new(shape, strides, Offset);
    }

    private static long[] Without(ReadOnlySpan<long> values, int axis) => [.. values[..axis], .. values[(axis + 1)..]];

    private bool HasNoGaps()
    {
        // Dimensions sorted by stride must each span exactly what the smaller ones fill.
        Span<int> order = stackalloc int[Rank];
        int used = 0;
        for (int i = 0; i < Rank; i++)
            if (Shape.Span[i] != 1) order[used++] = i;
        order = order[..used];
        long[] strides = _strides;
        for (int i = 1; i < used; i++)
            for (int j = i; j > 0 && strides[order[j]] < strides[order[j - 1]]; j--)
                (order[j], order[j - 1]) = (order[j - 1], order[j]);
        long expected = 1;
        foreach (int axis in order)
        {
            if (strides[axis] != expected) return false;
            expected *= Shape.Span[axis];
        }

        return true;
    }
}
