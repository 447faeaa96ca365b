namespace Gradwright.Kernels;

/// <summary>
/// Which convolutions go directly, and how they are cut: from the sizes alone. They are those whose filters see few elements or are few, so that gathering columns would cost
/// much: small groups, and images of three colours.
/// </summary>
internal readonly struct DirectPlan
{
    // Bytes of a strip's planes, which are read again for every block of filters: most of L1. And of the planes of one output row at most.
    private const int StripBytes = 20 << 10, MostRowBytes = 16 << 10;

    // Elements that a filter sees, and filters of a group: with more, matrix products cost less. The filters' gradient reads the planes again for every four filters.
    private const int MostTerms = 160, LeastFilters = 2, MostFilters = 64, MostGradientFilters = 8;

    // The least part of the lanes that rows fill, in eighths.
    private const int LeastLanes = 6;

    // Tasks that keep a good number of cores busy.
    private const int Tasks = 16;

    /// <summary>The convolution, turned around for its input gradient.</summary>
    public readonly ConvolutionShape Shape;

    public readonly bool Reversed;

    /// <summary>Output rows of a strip (some have one less), and the number of strips of an output plane.</summary>
    public readonly int Rows, Strips;

    /// <summary>Elements of one plane of a strip, with its border.</summary>
    public readonly int Elements;

    /// <param name="p">The convolution.</param>
    /// <param name="reversed">Whether its input gradient is meant.</param>
    /// <param name="size">Bytes of an element.</param>
    /// <param name="lanes">Elements of a vector.</param>
    public DirectPlan(in ConvolutionShape p, bool reversed, int size, int lanes)
    {
        (Shape, Reversed) = (p.Directed(reversed), reversed);
        WindowPlane w = Shape.Plane;
        Row = IsAligned ? AlignedRow(w, lanes) : w.RowLength;
        int line = Read * Shape.Depth.Size * Row * size, most = Math.Max(1, (StripBytes / line - (int)w.Vertical.Extent) / w.Vertical.Stride + 1);
        Strips = (w.OutputHeight + most - 1) / most;
        Rows = (w.OutputHeight + Strips - 1) / Strips;
        Elements = (w.RowsFor(Rows) * Row + lanes - 1) / lanes * lanes;
    }

    /// <summary>Channels of a group that are read and made.</summary>
    public int Read => Shape.GroupChannels;

    public int Made => Shape.GroupFilters;

    /// <summary>Elements from one row of a plane to the next.</summary>
    public readonly int Row;

    /// <summary>Whether rows begin at whole vectors, without their left border.</summary>
    public bool IsAligned => Shape.Plane.Horizontal.Stride == 1;

    /// <summary>Elements of a row's border that lie before it.</summary>
    public int LeftBorder => IsAligned ? Shape.Plane.Horizontal.Padding : 0;

    /// <summary>From what one output row reads to what the next one reads.</summary>
    public nint OutputStep => (nint)Shape.Plane.Vertical.Stride * Row;

    /// <summary>Where element (r, s) of the window at output position (0, 0) reads.</summary>
    public nint Tap(int r, int s)
    {
        Window h = Shape.Plane.Horizontal;
        return IsAligned ? (nint)r * Shape.Plane.Vertical.Dilation * Row + s * h.Dilation - h.Padding : Shape.Plane.Tap(r, s);
    }

    /// <summary>Whole vectors with room for the image's row and the wider one of its borders.</summary>
    private static int AlignedRow(in WindowPlane w, int lanes)
    {
        int left = w.Horizontal.Padding, right = w.RowLength - left - w.Width;
        return (w.Width + Math.Max(left, right) + lanes - 1) / lanes * lanes;
    }

    /// <summary>Planes that a filter sees, and elements of it.</summary>
    public int Planes => Read * Shape.Depth.Size;

    public int Terms => Read * Shape.Taps;

    /// <summary>The first row of a strip.</summary>
    public int FirstRow(int strip) => (int)((long)strip * Shape.Plane.OutputHeight / Strips);

    /// <summary>Blocks of filters that share what they read.</summary>
    public int FilterBlocks => (Made + DirectArguments.MostFactors - 1) / DirectArguments.MostFactors;

    /// <summary>Blocks of images that the filters' gradient sums on their own.</summary>
    public int ImageBlocks => Math.Max(1, Math.Min((Tasks + Shape.Groups * FilterBlocks - 1) / (Shape.Groups * FilterBlocks), Shape.Images));

    /// <summary>Elements of the sums of all blocks, if they are several.</summary>
    public static long SumElements(in ConvolutionShape p)
    {
        int blocks = new DirectPlan(p, false, sizeof(double), 1).ImageBlocks;
        return blocks == 1 ? 0 : blocks * p.Weight.Count;
    }

    /// <summary>Whether it pays for the filters' gradient.</summary>
    public static bool FitsGradient(in ConvolutionShape p, int size) => p.GroupFilters <= MostGradientFilters && Fits(p, false, size);

    /// <summary>Whether it pays.</summary>
    /// <param name="p">The convolution.</param>
    /// <param name="reversed">Whether its input gradient is meant.</param>
    /// <param name="size">Bytes of an element.</param>
    public static bool Fits(in ConvolutionShape p, bool reversed, int size)
    {
        if (p.IsPointwise || (reversed && !p.IsReversible)) return false;
        int lanes = Math.Max(1, SimdDispatch.Bits / 8 / size);
        DirectPlan plan = new(p, reversed, size, lanes);
        WindowPlane w = plan.Shape.Plane;
        int width = w.OutputWidth;
        return plan is { Terms: <= MostTerms, Made: >= LeastFilters and <= MostFilters } && width * 8L >= (width + lanes - 1L) / lanes * lanes * LeastLanes
            && plan.Planes * w.Vertical.Extent * plan.Row * size <= MostRowBytes;
    }
}
