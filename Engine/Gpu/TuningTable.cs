namespace Gradwright;

/// <summary>
/// Tile sizes and group sizes of the kernels: named data, chosen by what a device is. Every entry says what it means and what constrains it.
/// </summary>
internal sealed record TuningTable
{
    /// <summary>Work items of a group in elementwise kernels; a multiple of 32, at most 256.</summary>
    public int MapGroup { get; init; } = 256;

    /// <summary>Whether a work item of a dense elementwise kernel takes a vector of 16 bytes, where addresses allow, instead of one element.</summary>
    public bool MapVectors { get; init; } = true;

    /// <summary>Work items of a group that folds a row together; a power of two, at most 256.</summary>
    public int RowGroup { get; init; } = 256;

    /// <summary>Elements that a group sorts in shared memory, 12 bytes each; a power of two, at least twice <see cref="RowGroup"/>, at most 2048.</summary>
    public int SortTile { get; init; } = 1024;

    /// <summary>Matrix product: rows and columns of C per group, the depth of a step, and rows and columns per work item.</summary>
    public GemmTiles Gemm { get; init; } = new(128, 128, 16, 8, 8);

    /// <summary>The same for matrices of which <see cref="Gemm"/> would compute much that is not there: those of an attention head, for instance.</summary>
    public GemmTiles GemmSmall { get; init; } = new(64, 64, 16, 4, 4);

    /// <summary>Matrix product of doubles.</summary>
    public GemmTiles GemmDouble { get; init; } = new(64, 64, 16, 4, 4);

    /// <summary>
    /// Attention: queries (or keys) of a group, keys (or queries) of a step, the depth of a step of their products, and rows and columns per work item. N is a multiple
    /// of K, and the group's size one of M; two tiles of M by N weights lie in shared memory.
    /// </summary>
    public GemmTiles Attention { get; init; } = new(64, 64, 16, 4, 4);

    /// <summary>The same for doubles.</summary>
    public GemmTiles AttentionDouble { get; init; } = new(64, 32, 16, 4, 4);

    /// <summary>
    /// Matrix product: bytes of neighbouring rows or columns that a work item takes, before those of the next one; 16 leaves no bank conflicts, 0 stands for
    /// all that it has.
    /// </summary>
    public int GemmRun { get; init; } = 16;

    /// <summary>Matrix product: whether all loops over a work item's values are unrolled, so that they stay in registers.</summary>
    public bool GemmUnrolled { get; init; } = true;

    /// <summary>Work items that run in step, and whose reads of neighbours are one; a power of two.</summary>
    public int Warp { get; init; } = 32;

    /// <summary>
    /// Convolutions to at most so many channels per group write their columns to memory for the matrix product, which treats few rows separately; all others gather them
    /// while they multiply. It depends on what costs more: memory traffic, or tiles that are mostly empty.
    /// </summary>
    public int ConvolutionColumnRows { get; init; } = 2;

    /// <summary>
    /// Tensors whose positions reach so far are addressed with 64 bits by kernels that have both forms; at most 2³⁰, so that 32 bits hold sums of a few
    /// positions. Smaller numbers are for tests.
    /// </summary>
    public long WideFrom { get; init; } = 1 << 30;

    /// <summary>Groups that keep the device busy: products with fewer tiles split K.</summary>
    public int BusyGroups { get; init; } = 256;

    /// <summary>The table for a device.</summary>
    public static TuningTable For(GpuTraits traits) => traits switch
    {
        // A processor: small tiles, since a work item's values live in its registers; one element per item, which the compiler vectorises across items.
        { IsProcessor: true } => new() { MapGroup = 64, MapVectors = false, RowGroup = 64, Gemm = new(32, 64, 32, 4, 16), GemmSmall = new(32, 64, 32, 4, 16), GemmDouble = new(32, 64, 32, 4, 16), Attention = new(32, 32, 16, 4, 4), AttentionDouble = new(32, 32, 16, 4, 4), GemmRun = 0, GemmUnrolled = false, Warp = 1, ConvolutionColumnRows = 4, BusyGroups = 2 * Math.Max(1, traits.Units) },
        { Api: "OpenCL" } => new() { MapVectors = false, Gemm = new(64, 64, 16, 4, 4), BusyGroups = 4 * Math.Max(1, traits.Units) },
        _ => new() { BusyGroups = 2 * Math.Max(1, traits.Units) },
    };
}

/// <summary>The tiles of a matrix product.</summary>
/// <param name="M">Rows of C per group; a multiple of <paramref name="ItemM"/>.</param>
/// <param name="N">Columns of C per group; a multiple of <paramref name="ItemN"/>.</param>
/// <param name="K">Depth of a step; a multiple of 4.</param>
/// <param name="ItemM">Rows per work item; a multiple of 4.</param>
/// <param name="ItemN">Columns per work item; a multiple of 4. <paramref name="ItemM"/> · <paramref name="ItemN"/> is at most 64: more spills, and compiles for seconds.</param>
internal readonly record struct GemmTiles(int M, int N, int K, int ItemM, int ItemN)
{
    /// <summary>Work items of a group.</summary>
    public int Group => M / ItemM * (N / ItemN);
}
