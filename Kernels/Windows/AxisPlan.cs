using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>A run of elements, or of positions; for windows with a dilation every so-many-th element.</summary>
internal readonly record struct AxisSpan(int First, int Count)
{
    public int End => First + Count;
}

/// <summary>
/// An <see cref="AxisMap"/> on an axis of a certain length: what position i reads, which positions read element j, and with what weight, all in whole numbers.
/// The kernels have the same formulas and get the structure as it is (<c>axis_map.cuh</c>).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct AxisPlan
{
    private const long Draws = 1 << 16;

    public readonly AxisRule Rule;
    public readonly long Input, Output, Size, Stride, Padding, Dilation;

    // Elements of the border that a mean counts.
    private readonly long _border;

    // Position i lies at (step · i + origin) / unit: interpolation.
    private readonly long _step, _origin, _unit;

    public AxisPlan(Op op, in AxisMap map, string axis, long length)
    {
        Window w = map.Window;
        (Rule, Input, Output, Size, Stride, Padding, Dilation, _unit) = (map.Rule, length, map.Output, w.Size, w.Stride, w.Padding, w.Dilation, 1);
        if (Rule == AxisRule.Window)
        {
            Output = w.Positions(op, axis, length, map.CeilMode);
            _border = map.CountsPadding ? w.Padding : 0;
            if (2L * w.Padding > w.Extent)
                throw new ShapeException($"{op.Name}: padding {w.Padding} of the {axis} exceeds half of the window, whose extent is {w.Extent}; "
                    + "some windows would see nothing but border. Pad less.");
            return;
        }

        if (length < 1 || Output < 1)
            throw new ShapeException($"{op.Name}: the {axis} of the image is {length}, that of the result is to be {Output}; both must be at least 1.");
        if (Rule == AxisRule.Random && (Size < 1 || Output + Size - 1 > length))
            throw new ShapeException($"{op.Name}: {Output} windows of size {Size} do not fit at different places along the {axis}, which is {length}: "
                + "output + size − 1 must not exceed it. Ask for fewer or smaller ones.");
        if (Rule == AxisRule.Nearest) (_step, _unit) = (length, Output);
        if (Rule != AxisRule.Linear) return;
        if (!map.AlignCorners) (_step, _origin, _unit) = (2 * length, length - Output, 2 * Output);
        else if (Output > 1) (_step, _unit) = (length - 1, Output - 1);
    }

    /// <summary>True if the result along the axis is the image.</summary>
    public bool IsIdentity => Input == Output && (Rule is AxisRule.Region or AxisRule.Nearest or AxisRule.Linear || (Size == 1 && Stride == 1 && Padding == 0));

    /// <summary>The elements that position i reads, without border; they are <see cref="Dilation"/> apart.</summary>
    /// <param name="i">The position.</param>
    /// <param name="draw">For random regions.</param>
    public AxisSpan Span(long i, long draw = 0)
    {
        switch (Rule)
        {
            case AxisRule.Window:
                long first = i * Stride - Padding, skipped = first < 0 ? (Dilation - 1 - first) / Dilation : 0;
                return new((int)(first + skipped * Dilation), (int)(Math.Min(Size - 1, (Input - 1 - first) / Dilation) - skipped + 1));
            case AxisRule.Region:
                long start = i * Input / Output;
                return new((int)start, (int)(((i + 1) * Input + Output - 1) / Output - start));
            case AxisRule.Random:
                return new((int)RandomStart(i, draw), (int)Size);
            case AxisRule.Nearest:
                return new((int)(i * _step / _unit), 1);
            default:
                long place = Place(i), left = place / _unit;
                return new((int)left, place % _unit != 0 && left + 1 < Input ? 2 : 1);
        }
    }

    /// <summary>The positions that may read element j.</summary>
    public AxisSpan Readers(long j, long draw = 0)
    {
        long first, end;
        switch (Rule)
        {
            case AxisRule.Window:
                long beyond = j + Padding - Dilation * (Size - 1);
                (first, end) = (beyond <= 0 ? 0 : (beyond + Stride - 1) / Stride, (j + Padding) / Stride + 1);
                break;
            case AxisRule.Region:
                (first, end) = (j * Output / Input, ((j + 1) * Output + Input - 1) / Input);
                break;
            case AxisRule.Random:
                if (Output == 1) return new(0, j >= Input - Size ? 1 : 0);
                // The first i whose window ends behind j, and the first that begins behind j.
                long free = Input - Size, all = (Output - 1) * Draws, u = draw & (Draws - 1), shift = u * free / all + 1;
                (first, end) = (CeilingOf((j - Size + shift) * all - u * free, free * Draws), CeilingOf((j + shift) * all - u * free, free * Draws));
                break;
            case AxisRule.Nearest:
                (first, end) = ((j * Output + Input - 1) / Input, ((j + 1) * Output + Input - 1) / Input);
                break;
            default:
                if (_step == 0) return new(0, (int)Output);
                first = j == 0 ? 0 : FloorOf((j - 1) * _unit - _origin, _step) + 1;
                end = j == Input - 1 ? Output : CeilingOf((j + 1) * _unit - _origin, _step);
                break;
        }

        first = Math.Max(first, 0);
        return new((int)first, (int)Math.Max(0, Math.Min(end, Output) - first));
    }

    /// <summary>What element j counts in position i, which may read it.</summary>
    public double Weight(long i, long j)
    {
        switch (Rule)
        {
            case AxisRule.Window:
                long start = i * Stride - Padding;
                return 1.0 / (Math.Min(start + Size, Input + _border) - Math.Max(start, -_border));
            case AxisRule.Region:
                return 1.0 / Span(i).Count;
            case AxisRule.Linear:
                long place = Place(i), left = place / _unit, rest = left + 1 < Input ? place % _unit : 0;
                return j == left ? (double)(_unit - rest) / _unit : j == left + 1 ? (double)rest / _unit : 0;
            default:
                return 1;
        }
    }

    // What lies in front of the first element counts as the first.
    private long Place(long i) => Math.Max(_step * i + _origin, 0);

    private long RandomStart(long i, long draw)
    {
        if (Output == 1) return Input - Size;
        long free = Input - Size, all = (Output - 1) * Draws, u = draw & (Draws - 1);
        return (i * Draws + u) * free / all - u * free / all;
    }

    private static long FloorOf(long a, long b) => a >= 0 ? a / b : -((-a + b - 1) / b);

    private static long CeilingOf(long a, long b) => -FloorOf(-a, b);
}
