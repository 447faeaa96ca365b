using System.Collections;
using System.Runtime.CompilerServices;

namespace Gradwright;

/// <summary>The lengths of a tensor's dimensions, outermost first. Immutable; <c>[]</c> is the shape of a scalar.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IReadOnlyList<long>, IEquatable<Shape>
{
    /// <summary>The most dimensions a tensor may have.</summary>
    public const int MaxRank = 8;

    private readonly long[]? _lengths;

    internal Shape(long[] lengths) => _lengths = lengths;

    /// <summary>A shape with these lengths.</summary>
    /// <exception cref="ShapeException">A length is negative, there are more than <see cref="MaxRank"/>, or the count overflows.</exception>
    public static Shape Create(params ReadOnlySpan<long> lengths)
    {
        if (lengths.Length > MaxRank)
            throw new ShapeException($"A tensor has at most {MaxRank} dimensions; [{Join(lengths)}] has {lengths.Length}. Merge some with Reshape.");
        long count = 1;
        bool overflow = false;
        foreach (long length in lengths)
        {
            if (length < 0)
                throw new ShapeException($"Shape [{Join(lengths)}]: a length is negative ({length}). Lengths are 0 or more; Reshape and Expand alone accept −1.");
            overflow |= length > 0 && count > long.MaxValue / 16 / length;
            if (!overflow) count *= length;
        }

        if (overflow && !lengths.Contains(0))
            throw new ShapeException($"Shape [{Join(lengths)}] has more elements than can be addressed. Check for lengths that were multiplied twice.");
        return new(lengths.ToArray());
    }

    /// <summary>Number of dimensions.</summary>
    public int Rank => _lengths is null ? 0 : _lengths.Length;

    /// <summary>Number of elements: the product of the lengths.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            foreach (long length in Span) count *= length;
            return count;
        }
    }

    /// <summary>The lengths.</summary>
    public ReadOnlySpan<long> Span => _lengths;

    /// <summary>Length of dimension <paramref name="dimension"/>; negative counts from the end.</summary>
    public long this[int dimension] => Span[Axis(dimension)];

    /// <summary>Length of a dimension, also counted from the end: <c>shape[^1]</c>.</summary>
    public long this[Index dimension] => Span[dimension];

    int IReadOnlyCollection<long>.Count => Rank;

    /// <summary>Turns a possibly negative dimension into its position.</summary>
    /// <exception cref="ShapeException">There is no such dimension.</exception>
    public int Axis(int dimension, [CallerMemberName] string operation = "")
    {
        int rank = Rank, axis = dimension < 0 ? dimension + rank : dimension;
        if ((uint)axis >= (uint)rank)
            throw new ShapeException(rank == 0
                ? $"{operation}: a scalar has no dimension {dimension}."
                : $"{operation}: shape {this} has no dimension {dimension}. Use {-rank} to {rank - 1}.");
        return axis;
    }

    /// <summary>The shape that operands take when they are broadcast: aligned at the last dimension, a length of 1 stretches.</summary>
    /// <exception cref="ShapeException">Two aligned lengths differ and neither is 1.</exception>
    public static Shape Broadcast(Shape a, Shape b, [CallerMemberName] string operation = "")
    {
        if (ReferenceEquals(a._lengths, b._lengths) || a.Span.SequenceEqual(b.Span)) return a;
        int rank = Math.Max(a.Rank, b.Rank);
        long[] lengths = new long[rank];
        for (int i = 1; i <= rank; i++)
        {
            long x = i <= a.Rank ? a._lengths![^i] : 1, y = i <= b.Rank ? b._lengths![^i] : 1;
            if (x != y && x != 1 && y != 1)
                throw new ShapeException($"{operation}: shapes {a} and {b} do not broadcast: counted from the end, dimension {i} is {x} in one and {y} in the other. "
                    + "Lengths must be equal or 1; insert dimensions of length 1 with Unsqueeze, or Reshape one operand.");
            lengths[^i] = x == 1 ? y : x;
        }

        return new(lengths);
    }

    public bool Equals(Shape other) => Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (long length in Span) hash.Add(length);
        return hash.ToHashCode();
    }

    public static bool operator ==(Shape left, Shape right) => left.Equals(right);
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);
    public static implicit operator Shape(long[] lengths) => Create(lengths);

    /// <summary>As written in this project's messages: <c>[64, 3, 28, 28]</c>.</summary>
    public override string ToString() => $"[{Join(Span)}]";

    public ReadOnlySpan<long>.Enumerator GetEnumerator() => Span.GetEnumerator();
    IEnumerator<long> IEnumerable<long>.GetEnumerator() => ((IEnumerable<long>)(_lengths ?? [])).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => (_lengths ?? []).GetEnumerator();

    internal static string Join(ReadOnlySpan<long> values) => string.Join(", ", values.ToArray());
}
