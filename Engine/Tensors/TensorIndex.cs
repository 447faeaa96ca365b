namespace Gradwright;

/// <summary>One place of an index expression <c>x[1..3, ^1, TensorIndex.All, mask]</c>: a position, a range with a step, a new axis, an ellipsis or a tensor.</summary>
public readonly struct TensorIndex
{
    internal enum Kind : byte { Range, Position, NewAxis, Ellipsis, Tensor }

    private TensorIndex(Kind kind, Index start = default, Index end = default, long step = 1, Tensor? tensor = null)
        => (Type, Start, End, Step, Tensor) = (kind, start, end, step, tensor);

    internal Kind Type { get; }
    internal Index Start { get; }
    internal Index End { get; }
    internal long Step { get; }
    internal Tensor? Tensor { get; }

    /// <summary>The whole dimension.</summary>
    public static TensorIndex All => Range.All;

    /// <summary>A new dimension of length 1.</summary>
    public static TensorIndex NewAxis => new(Kind.NewAxis);

    /// <summary>As many whole dimensions as are left.</summary>
    public static TensorIndex Ellipsis => new(Kind.Ellipsis);

    /// <summary>Every <paramref name="step"/>-th element of a range; a negative step runs backwards from the range's last element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is 0.</exception>
    public static TensorIndex Every(long step, Range range)
    {
        ArgumentOutOfRangeException.ThrowIfZero(step);
        return new(Kind.Range, range.Start, range.End, step);
    }

    /// <inheritdoc cref="Every(long, Range)"/>
    public static TensorIndex Every(long step) => Every(step, Range.All);

    public static implicit operator TensorIndex(int position) => new(Kind.Position, position < 0 ? ^-position : position);
    public static implicit operator TensorIndex(Index position) => new(Kind.Position, position);
    public static implicit operator TensorIndex(Range range) => new(Kind.Range, range.Start, range.End);

    /// <summary>A Bool tensor selects, an Int64 tensor gathers.</summary>
    public static implicit operator TensorIndex(Tensor tensor) => new(Kind.Tensor, tensor: tensor);
}
