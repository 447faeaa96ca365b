namespace Gradwright.Kernels;

/// <summary>How positions along an axis of a result find what they read along the same axis of an image. The numbers are known to the kernels.</summary>
public enum AxisRule : long
{
    /// <summary>A window of a fixed size slides.</summary>
    Window = 0,

    /// <summary>The axis is cut into so many regions of nearly equal size, which may overlap by one element.</summary>
    Region = 1,

    /// <summary>Windows of a fixed size at pseudo-random distances.</summary>
    Random = 2,

    /// <summary>One element: the nearest one below.</summary>
    Nearest = 3,

    /// <summary>Between the two neighbours.</summary>
    Linear = 4,
}

/// <summary>A rule with its attributes, for one axis of an image; the axis's length comes later.</summary>
public readonly record struct AxisMap
{
    private AxisMap(AxisRule rule, long output, Window window, bool ceilMode = false, bool countsPadding = false, bool alignCorners = false)
        => (Rule, Output, Window, CeilMode, CountsPadding, AlignCorners) = (rule, output, window, ceilMode, countsPadding, alignCorners);

    public AxisRule Rule { get; }

    /// <summary>Positions of the result; 0 where they follow from the window.</summary>
    public long Output { get; }

    public Window Window { get; }

    /// <summary>Whether a last window that hangs over the end counts.</summary>
    public bool CeilMode { get; }

    /// <summary>Whether elements of the border are counted in a mean.</summary>
    public bool CountsPadding { get; }

    /// <summary>Whether the first and last elements of image and result lie upon each other, instead of the outer edges of these elements.</summary>
    public bool AlignCorners { get; }

    /// <summary>A sliding window.</summary>
    public static AxisMap Windows(Window window, bool ceilMode = false, bool countsPadding = true) => new(AxisRule.Window, 0, window, ceilMode, countsPadding);

    /// <summary>Region i of O takes elements ⌊iL/O⌋ to ⌈(i + 1)L/O⌉ − 1 of L.</summary>
    public static AxisMap Regions(long output) => new(AxisRule.Region, output, new(1));

    /// <summary>
    /// Window i of O takes <paramref name="size"/> elements from ⌊α(i + u)⌋ − ⌊αu⌋ on, with α = (L − size)/(O − 1) and u = draw / 65536
    /// (the pseudo-random sequence of Graham 2014). All of it is computed in whole numbers.
    /// </summary>
    public static AxisMap RandomRegions(int size, long output) => new(AxisRule.Random, output, new(size));

    /// <summary>Position i of O takes element ⌊iL/O⌋ of L.</summary>
    public static AxisMap Nearest(long output) => new(AxisRule.Nearest, output, new(1));

    /// <summary>Position i of O lies at (i + ½)L/O − ½, or with aligned corners at i(L − 1)/(O − 1); what lies outside counts as the end.</summary>
    public static AxisMap Linear(long output, bool alignCorners) => new(AxisRule.Linear, output, new(1), alignCorners: alignCorners);

    /// <summary>The rule on an axis of a length.</summary>
    /// <exception cref="ShapeException">It does not fit.</exception>
    internal AxisPlan On(Op op, string axis, long length) => new(op, this, axis, length);
}
