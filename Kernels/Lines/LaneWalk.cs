namespace Gradwright.Kernels;

/// <summary>
/// A walk over the elements of one line along a dimension, or over a bundle of neighbouring lines, one per lane. In a row (the dimension
/// has stride 1) the lanes belong to one line and are folded at the end; in columns every lane is a line of its own.
/// </summary>
/// <param name="Full">Steps that fill a register.</param>
/// <param name="Part">Steps that fill only <paramref name="Rest"/> lanes; they follow the full ones.</param>
/// <param name="Stride">Distance of steps, in elements.</param>
/// <param name="Rest">Lanes of a partial step.</param>
/// <param name="Across">The lanes belong to one line.</param>
/// <param name="Repeats">How often the walk is repeated, elsewhere.</param>
/// <param name="RepeatStride">Distance of the repetitions.</param>
internal readonly record struct LaneWalk(long Full, long Part, long Stride, int Rest, bool Across, long Repeats = 1, long RepeatStride = 0)
{
    /// <summary>A row of <paramref name="n"/> neighbours.</summary>
    public static LaneWalk Row(long n, int lanes, long repeats = 1, long repeatStride = 0)
        => new(n / lanes, n % lanes == 0 ? 0 : 1, lanes, (int)(n % lanes), true, repeats, repeatStride);

    /// <summary><paramref name="width"/> neighbouring lines of <paramref name="n"/> elements that are <paramref name="stride"/> apart.</summary>
    public static LaneWalk Columns(long n, long stride, int width, int lanes)
        => width == lanes ? new(n, 0, stride, 0, false) : new(0, n, stride, width, false);

    /// <summary>Results are stored past the caches; every step is a full and aligned one.</summary>
    public bool Streams { get; init; }

    /// <summary>How many lines are walked at once.</summary>
    public int Lines(int lanes) => Across ? 1 : Part > 0 ? Rest : lanes;
}
