namespace Gradwright.Kernels;

/// <summary>
/// How a convolution is cut: chunks of channels by strips of output pixels, whose columns fill part of L2. From the sizes alone, so
/// results do not depend on the number of threads. The pixels of all planes of a channel are counted through.
/// </summary>
internal readonly struct ConvolutionBlocks
{
    // Bytes of columns, and of planes that a whole image is gathered in.
    private const int ColumnBytes = 384 << 10, PlaneBytes = 256 << 10;

    // Tasks that keep a good number of cores busy, and the fewest pixels worth a task.
    private const int Tasks = 16, FewestPixels = 64;

    // Planes of a slab that is cut for the sake of more tasks.
    private const int LeastSlab = 4;

    /// <summary>
    /// Planes of a chunk (the last one may have fewer): a group has channels · T of them, T being the window's depth. The input gradient's are whole channels instead.
    /// And the number of chunks.
    /// </summary>
    public int Planes { get; private init; }

    public int Chunks { get; private init; }

    /// <summary>Output pixels of a strip (the last one may have fewer), and their number in an image.</summary>
    public int Pixels { get; private init; }

    public int Strips { get; private init; }

    /// <summary>Blocks of images that the weight gradient sums on their own.</summary>
    public int ImageBlocks { get; private init; }

    /// <summary>Input planes that a task of the input gradient owns of its channels, and the number of such slabs. Several only where a chunk is one channel.</summary>
    public int SlabDepth { get; private init; }

    public int Slabs { get; private init; }

    /// <summary>Chunks make one block of the product's K; strips give every core something to do.</summary>
    public static ConvolutionBlocks ForForward(in ConvolutionShape p, int size)
    {
        int planes = p.IsPointwise ? p.GroupPlanes : Even(p.GroupPlanes, Math.Max(1, GemmBlocking.RowBytes / size * 5 / 4 / p.PlaneTaps));
        int strips = p.IsPointwise ? 1 : StripsFor(p.OutputVolume, planes * p.PlaneTaps, size);
        int wanted = Ceiling(Tasks, Math.Max(p.Images * p.Groups, 1));
        return Cut(p.GroupPlanes, planes, p.OutputVolume, Math.Max(strips, Math.Min(wanted, p.OutputVolume / FewestPixels)));
    }

    /// <summary>
    /// A task owns a chunk of an image's channels, whose planes stay in L2 while strips are added to them; where one channel is too much, or too few tasks are left,
    /// a slab of it, to which each output plane adds what the window hands to the slab.
    /// </summary>
    public static ConvolutionBlocks ForInputGradient(in ConvolutionShape p, int size)
    {
        if (p.IsPointwise) return Cut(p.GroupChannels, p.GroupChannels, p.OutputVolume, 1) with { SlabDepth = 1, Slabs = 1 };
        long plane = (long)p.Plane.RowsFor(p.Plane.OutputHeight) * p.Plane.RowLength * size;
        long channels = Math.Min(PlaneBytes / (plane * p.InputDepth), GemmBlocking.RowBytes / size * 5 / 4 / p.Taps);
        int wanted = Ceiling(Tasks, Math.Max(p.Images * p.Groups, 1));
        int chunk = Even(p.GroupChannels, (int)Math.Clamp(channels, 1, Ceiling(p.GroupChannels, wanted)));
        int slabs = 1;
        if (chunk == 1)
        {
            int most = (int)Math.Clamp(PlaneBytes / plane, 1, p.InputDepth);
            slabs = Math.Max(Ceiling(p.InputDepth, most), Math.Min(Ceiling(wanted, p.GroupChannels), p.InputDepth / LeastSlab));
        }

        int pixels = slabs > 1 ? p.Plane.OutputPixels : p.OutputVolume, depth = Even(p.InputDepth, Ceiling(p.InputDepth, Math.Max(slabs, 1)));
        return Cut(p.GroupChannels, chunk, pixels, StripsFor(pixels, chunk * p.Taps, size)) with { SlabDepth = depth, Slabs = Ceiling(p.InputDepth, depth) };
    }

    /// <summary>A task owns a chunk of the weight's planes and a block of images; strips are long, as they are the product's K.</summary>
    public static ConvolutionBlocks ForWeightGradient(in ConvolutionShape p, int size)
    {
        int planes = Even(p.GroupPlanes, Math.Max(1, ColumnBytes / size / 256 / p.PlaneTaps));
        ConvolutionBlocks blocks = Cut(p.GroupPlanes, planes, p.OutputVolume, p.IsPointwise ? 1 : StripsFor(p.OutputVolume, planes * p.PlaneTaps, size));
        return blocks with { ImageBlocks = Math.Min(Ceiling(Tasks, p.Groups * blocks.Chunks), p.Images) };
    }

    private static int StripsFor(int pixels, int rows, int size) => Ceiling(pixels, Math.Max(FewestPixels, ColumnBytes / size / rows));

    /// <summary>Strips of equal length, in whole pairs of the widest vectors.</summary>
    private static ConvolutionBlocks Cut(int allPlanes, int planes, int all, int strips)
    {
        int pixels = Math.Min(Ceiling(Ceiling(all, Math.Max(strips, 1)), 32) * 32, all);
        return new() { Planes = planes, Chunks = Ceiling(allPlanes, planes), Pixels = pixels, Strips = Ceiling(all, pixels) };
    }

    /// <summary>The size of equal parts of <paramref name="n"/>, each at most <paramref name="most"/>.</summary>
    private static int Even(int n, int most) => Ceiling(n, Ceiling(n, most));

    private static int Ceiling(int a, int b) => (int)(((long)a + b - 1) / b);
}
