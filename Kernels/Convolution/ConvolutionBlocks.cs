namespace Gradwright.Kernels;

/// <summary>
/// How a convolution is cut: chunks of channels by strips of output pixels, whose columns fill part of L2. From the sizes alone, so
/// results do not depend on the number of threads.
/// </summary>
internal readonly struct ConvolutionBlocks
{
    // Bytes of columns, and of planes that a whole image is gathered in.
    private const int ColumnBytes = 384 << 10, PlaneBytes = 256 << 10;

    // Tasks that keep a good number of cores busy, and the fewest pixels worth a task.
    private const int Tasks = 16, FewestPixels = 64;

    /// <summary>Channels of a chunk (the last one may have fewer), and their number in a group.</summary>
    public int Channels { get; private init; }

    public int Chunks { get; private init; }

    /// <summary>Output pixels of a strip (the last one may have fewer), and their number in an image.</summary>
    public int Pixels { get; private init; }

    public int Strips { get; private init; }

    /// <summary>Blocks of images that the weight gradient sums on their own.</summary>
    public int ImageBlocks { get; private init; }

    /// <summary>Chunks make one block of the product's K; strips give every core something to do.</summary>
    public static ConvolutionBlocks ForForward(in ConvolutionShape p, int size)
    {
        int channels = p.IsPointwise ? p.GroupChannels : Even(p.GroupChannels, Math.Max(1, GemmBlocking.RowBytes / size * 5 / 4 / p.Taps));
        int strips = p.IsPointwise ? 1 : StripsFor(p, channels, size);
        int wanted = Ceiling(Tasks, Math.Max(p.Images * p.Groups, 1));
        return Cut(p, channels, Math.Max(strips, Math.Min(wanted, p.Plane.OutputPixels / FewestPixels)));
    }

    /// <summary>A task owns a chunk of an image's channels, whose planes stay in L2 while strips are added to them.</summary>
    public static ConvolutionBlocks ForInputGradient(in ConvolutionShape p, int size)
    {
        if (p.IsPointwise) return Cut(p, p.GroupChannels, 1);
        long plane = (long)p.Plane.RowsFor(p.Plane.OutputHeight) * p.Plane.RowLength * size;
        long channels = Math.Min(PlaneBytes / plane, GemmBlocking.RowBytes / size * 5 / 4 / p.Taps);
        int wanted = Ceiling(Tasks, Math.Max(p.Images * p.Groups, 1));
        int chunk = Even(p.GroupChannels, (int)Math.Clamp(channels, 1, Ceiling(p.GroupChannels, wanted)));
        return Cut(p, chunk, StripsFor(p, chunk, size));
    }

    /// <summary>A task owns a chunk of the weight's channels and a block of images; strips are long, as they are the product's K.</summary>
    public static ConvolutionBlocks ForWeightGradient(in ConvolutionShape p, int size)
    {
        int channels = Even(p.GroupChannels, Math.Max(1, ColumnBytes / size / 256 / p.Taps));
        ConvolutionBlocks blocks = Cut(p, channels, p.IsPointwise ? 1 : StripsFor(p, channels, size));
        int imageBlocks = Math.Min(Ceiling(Tasks, p.Groups * blocks.Chunks), p.Images);
        return new() { Channels = channels, Chunks = blocks.Chunks, Pixels = blocks.Pixels, Strips = blocks.Strips, ImageBlocks = imageBlocks };
    }

    private static int StripsFor(in ConvolutionShape p, int channels, int size)
        => Ceiling(p.Plane.OutputPixels, Math.Max(FewestPixels, ColumnBytes / size / (channels * p.Taps)));

    /// <summary>Strips of equal length, in whole pairs of the widest vectors.</summary>
    private static ConvolutionBlocks Cut(in ConvolutionShape p, int channels, int strips)
    {
        int all = p.Plane.OutputPixels, pixels = Math.Min(Ceiling(Ceiling(all, Math.Max(strips, 1)), 32) * 32, all);
        return new() { Channels = channels, Chunks = Ceiling(p.GroupChannels, channels), Pixels = pixels, Strips = Ceiling(all, pixels) };
    }

    /// <summary>The size of equal parts of <paramref name="n"/>, each at most <paramref name="most"/>.</summary>
    private static int Even(int n, int most) => Ceiling(n, Ceiling(n, most));

    private static int Ceiling(int a, int b) => (int)(((long)a + b - 1) / b);
}
