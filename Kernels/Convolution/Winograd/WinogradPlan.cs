using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// A convolution cut into tiles for <see cref="IWinogradTile"/>, and where the transforms lie: [point, tile, channel] for images, [point, channel read, channel made]
/// for filters. From the sizes alone, so results do not depend on the number of threads. Sizes are in elements.
/// </summary>
internal readonly struct WinogradPlan
{
    // Tiles of a block, the rows of its products: fewer read the filters too often, more do not stay in L2 together with their channels (elements per point).
    private const int LeastTiles = 32, MostTiles = 112, MostBlockElements = 12 << 10;

    // Tiles of a block of the weight gradient, where they are the terms of the sums.
    private const int LeastTerms = 64, MostTerms = 128;

    // Tasks that keep a good number of cores busy.
    private const int Tasks = 16;

    // The weight gradient's parts: tiles that outweigh adding up a part, elements of all parts, and channels worth transforming the gradient once more.
    private const int PartTiles = 96, MostPartElements = 8 << 20, MostChannels = 128;

    // Channels made by a task of a sliced convolution, the more if there are many, and channels read whose filters it transforms at a time: with their tiles they stay in L2.
    private const int MostSlice = 32, LeastSlice = 16, ManyChannels = 256, MostSliceReads = 96;

    public readonly int Images, Groups;

    /// <summary>
    /// Planes per group that are read for each one that is made, and channels that are made. A filter that is T planes deep reads T of each channel: plane a·C + c is what
    /// its element a reads of channel c, and the transforms of the filters are in the same order.
    /// </summary>
    public readonly int From, To;

    /// <summary>C: channels per group that are read.</summary>
    public readonly int Channels;

    /// <summary>All sizes, with the roles of what is read and what is made.</summary>
    public readonly ConvolutionShape Sizes;

    /// <summary>The image that is read, with its border, and the one that is made.</summary>
    public readonly WinogradMap Read, Made;

    /// <summary>m: pixels along a tile's side.</summary>
    public readonly int Tile;

    /// <summary>Rows of tiles of a block, counted through all planes that are made (the last block may have fewer), and the number of blocks.</summary>
    public readonly int BlockRows, Blocks;

    /// <summary>From one tile's channels to the next one's.</summary>
    public readonly nint FromRow, ToRow;

    /// <summary>From one point to the next: of a block of either image, and of the filters of a group.</summary>
    public readonly nint FromStep, ToStep, FilterStep;

    /// <summary>Of the weight gradient: blocks are summed in so many parts, each for so many chunks of the channels that are read.</summary>
    public int Parts { get; private init; }

    public int Chunks { get; private init; }

    /// <summary>Channels of a chunk; the last one may have fewer. Volumes are not cut.</summary>
    public int ChunkChannels { get; private init; }

    /// <summary>
    /// Whether a task takes all tiles for some of the channels that are made, instead of all channels for some of the tiles. The images' transforms are then kept for the
    /// whole pass, and the filters' exist a slice at a time.
    /// </summary>
    public bool IsSliced { get; private init; }

    private WinogradPlan(in ConvolutionShape p, int tile, int least, int most)
    {
        (Sizes, Images, Groups, Channels, From, To, Tile) = (p, p.Images, p.Groups, p.GroupChannels, checked(p.GroupChannels * p.Depth.Size), p.GroupFilters, tile);
        WindowPlane w = p.Plane;
        int down = Ceiling(w.OutputHeight, tile), across = Ceiling(w.OutputWidth, tile);
        Read = new(p.InputDepth, w.Height, w.Width, w.Vertical.Padding, w.Horizontal.Padding, down, across);
        Made = new(p.OutputDepth, w.OutputHeight, w.OutputWidth, 0, 0, down, across);
        int tiles = Math.Clamp(Ceiling(Rows * across, Tasks), least, most);
        BlockRows = Math.Max(1, Ceiling(Rows, InFours(Ceiling(Rows, Math.Max(1, tiles / across)))));
        Blocks = Ceiling(Rows, BlockRows);
        (FromRow, ToRow) = (CacheLines.Odd(From - Channels + CacheLines.Whole(Channels)), CacheLines.Odd(To));
        nint tilesOfBlock = (nint)BlockRows * across;
        (FromStep, ToStep, FilterStep) = (CacheLines.Odd(tilesOfBlock * FromRow), CacheLines.Odd(tilesOfBlock * ToRow), CacheLines.Odd(From * ToRow));
    }

    /// <summary>y from x; or dx from g, of the reversed convolution.</summary>
    public static WinogradPlan ForImages(in ConvolutionShape p, int tile)
    {
        WinogradPlan plan = new(p, tile, LeastTiles, TilesFor(p));
        return plan.Tiles * 4 <= plan.Channels + plan.To && plan.CanBeSliced ? Sliced(p, tile) : plan;
    }

    /// <summary>All tiles as one block.</summary>
    private static WinogradPlan Sliced(in ConvolutionShape p, int tile) => new(p, tile, int.MaxValue, int.MaxValue) { IsSliced = true };

    /// <summary>dw from x and g, which is what is made.</summary>
    public static WinogradPlan ForWeightGradient(in ConvolutionShape p, int tile)
    {
        WinogradPlan plan = new(p, tile, LeastTerms, MostTerms);
        if (plan.Tiles <= plan.Channels + plan.To && plan.CanBeSliced) return Sliced(p, tile);
        int chunk = plan.From == plan.Channels ? Even(plan.From, MostChannels) : plan.From;
        long parts = Math.Min(plan.Rows * plan.Made.TilesAcross / PartTiles, MostPartElements / plan.FilterElements);
        return plan with { Parts = 1 << BitOperations.Log2((uint)Math.Clamp(parts, 1, Math.Clamp(plan.Blocks, 1, Tasks))), ChunkChannels = chunk, Chunks = Ceiling(plan.From, chunk) };
    }

    /// <summary>m + 2: points along one side.</summary>
    public int Side => Tile + 2;

    /// <summary>(m + 2)²: products per tile and pair of channels.</summary>
    public int Points => Side * Side;

    /// <summary>Elements of all filters' transforms.</summary>
    public nint FilterElements => Groups * Points * FilterStep;

    /// <summary>Elements that the threads share: the filters' transforms, or the image's.</summary>
    public nint SharedElements => IsSliced ? Groups * Points * FromStep : FilterElements;

    /// <summary>The same for the weight gradient: all parts of its transform, or the transforms of both images.</summary>
    public nint GradientElements => IsSliced ? Groups * Points * (FromStep + ToStep) : Parts * FilterElements;

    /// <summary>Channels of a slice; the last one may have fewer. And channels whose filters are transformed at a time, in whole vectors.</summary>
    public int Slice => To >= ManyChannels ? MostSlice : LeastSlice;

    public int SliceReads => Math.Min(From, (int)CacheLines.Whole(Even(From, MostSliceReads)));

    public int Slices => Ceiling(To, Slice);

    /// <summary>
    /// Terms of the products' sums that are added up one after the other. The transforms magnify what these additions round off, and three short chains round off
    /// less than a long one: so tiles of 4×4 keep to 1½ times the error of a plain sum. It takes some 10 % of the products' time at 64 channels, 3 % at 128, and with more
    /// a block of the filters of this length stays in L1, which gains as much.
    /// </summary>
    public int Chain => Tile == 2 ? 0 : Math.Min(96, (From + 2) / 3);

    public double Products => (double)Groups * Rows * Made.TilesAcross * Points * From * To;

    /// <summary>Tiles of all images.</summary>
    public int Tiles => Rows * Made.TilesAcross;

    /// <summary>Rows of tiles in all planes that are made.</summary>
    public int Rows => Images * Made.Planes * Made.TilesDown;

    /// <summary>Where the transforms keep plane c·T + a, in the order of the filters' memory.</summary>
    public int Row(int plane) => plane % Sizes.Depth.Size * Channels + plane / Sizes.Depth.Size;

    /// <summary>
    /// Volumes are not. Slices read the image's transforms again and again, blocks of tiles the filters', so it pays with few tiles per channel; sooner for the weight
    /// gradient, whose parts would all be as large as the filters.
    /// </summary>
    private bool CanBeSliced => Sizes.Depth.Size == 1;

    /// <summary>The most tiles of a block.</summary>
    public static int TilesFor(in ConvolutionShape p) => Math.Clamp(MostBlockElements / (p.GroupPlanes + p.GroupFilters), LeastTiles, MostTiles);

    /// <summary>A number of tasks near <paramref name="n"/> that two or four threads share evenly.</summary>
    private static int InFours(int n) => n <= 2 ? Math.Max(1, n) : (n + 2) / 4 * 4;

    /// <summary>The size of equal parts of <paramref name="n"/>, each at most <paramref name="most"/>; at least 1.</summary>
    private static int Even(int n, int most) => Math.Max(1, Ceiling(n, Math.Max(1, Ceiling(n, most))));

    private static int Ceiling(int a, int b) => (int)(((long)a + b - 1) / b);
}
