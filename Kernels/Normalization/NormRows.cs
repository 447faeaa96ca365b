using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// A row-major tensor as rows that are normalised each by itself. A row is a run of chunks; a scale or shift has one number per chunk, for
/// <paramref name="AffineRows"/> rows, after which it repeats. <c>row_norm.cu</c> declares the same.
/// </summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Chunks">Chunks of a row: elements, in layer normalisation; channels of a group, in group normalisation.</param>
/// <param name="Inner">Elements of a chunk.</param>
/// <param name="AffineRows">Rows with numbers of their own: 1 in layer normalisation, the groups (or the groups of all samples) in group normalisation.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct NormRows(long Rows, long Chunks, long Inner, long AffineRows = 1)
{
    /// <summary>Elements of a row.</summary>
    public long Length => Chunks * Inner;

    /// <summary>The rows as [rows, length].</summary>
    public AxisView View => new((long[])[Rows, Length], 1);

    /// <summary>Every row takes the same number at an element: gradients add up down the columns.</summary>
    public bool SumsColumns => Inner == 1 && AffineRows == 1;

    /// <summary>The same rows under a scale of so many numbers.</summary>
    public NormRows Under(Tensor? scale) => scale is null ? this : this with { AffineRows = scale.Count / Chunks };
}
