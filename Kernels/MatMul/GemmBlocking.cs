namespace Gradwright.Kernels;

/// <summary>
/// The sizes a matrix product is cut into, measured on Zen 5 (48 KB L1, 1 MB L2 per core); the optimum is a wide plateau.
/// Scheme and names: Van Zee and van de Geijn, "BLIS: a framework for rapidly instantiating BLAS functionality" (2015).
/// </summary>
public static class GemmBlocking
{
    /// <summary>KC: bytes of one row of A per block of K. The rows of a register tile then fill half of L1. A multiple of 64.</summary>
    public const int RowBytes = 2048;

    /// <summary>NC: columns of packed B per block: 512 KB with <see cref="RowBytes"/>, half of L2. A multiple of every tile's width.</summary>
    public const int Columns = 256;

    /// <summary>Up to so many panels of rows B is read where it lies: packing would not pay for itself.</summary>
    public const int DirectRowPanels = 24;

    /// <summary>Up to so many panels of rows, each panel of a packed B meets all of them in turn: B then comes from memory evenly, as fast as it can be worked on.</summary>
    public const int ColumnsFirstPanels = 5;

    /// <summary>Up to so many panels of columns A is read where it lies, whatever its strides.</summary>
    public const int DirectColumnPanels = 2;

    /// <summary>A whose rows are a multiple of so many bytes apart is copied: its rows would fall on the same few cache sets.</summary>
    public const int AliasBytes = 1024;

    /// <summary>Distance between copied rows of A beyond their length, in bytes: spreads them over the cache sets. One cache line.</summary>
    public const int RowPadding = 64;

    /// <summary>Rows of B that packing prefetches ahead.</summary>
    public const int PackAhead = 3;

    /// <summary>Steps of K before a tile's end at which its part of C is prefetched; earlier, the stream of B would push it out again.</summary>
    public const int FetchTail = 48;

    /// <summary>Up to so many rows or columns of C, operands that both run along K are multiplied as dot products.</summary>
    public const int DotsLimit = 12;

    /// <summary>Multiply-adds below which a blocked product stays on its caller's thread, about half a microsecond.</summary>
    public const long ParallelProducts = 60_000;

    /// <summary>The same for dot products and vector times matrix, which wait for memory.</summary>
    public const long ParallelStreams = 32_000;

    /// <summary>So many times the above (some 30 µs of work), a product is worth waking threads that have parked.</summary>
    public const int WakeFactor = 64;

    /// <summary>
    /// Costs, in multiply-adds of one vector: reading an element of A once more per block of <see cref="Columns"/>, copying an element
    /// of B, turning one stored along K, bringing one of a few columns together, adding up the lanes of a dot product.
    /// </summary>
    public const double ReadCost = 0.2, CopyCost = 0.25, TurnCost = 0.3, GatherCost = 1.6, LanesCost = 10;

    /// <summary>Columns of a row vector's product that stay in L1 while B streams past.</summary>
    public const int VectorColumns = 4096;

    /// <summary>K is cut into at most so many parts that are summed by themselves: a fixed number, so that the sums do not depend on the threads.</summary>
    public const int MostParts = 16;

    /// <summary>Up to so many elements of C, K is cut: more would cost more to add up than the threads gain.</summary>
    public const int PartElements = 128 * 128;

    /// <summary>Least length of a part of K, in a blocked product and in a row vector's, and what every length is a multiple of: whole vectors and cache lines.</summary>
    public const int PartLength = 2048, VectorPartLength = 64, PartUnit = 16;

    /// <summary>Multiply-adds from which on a blocked product's K is cut, and elements of B from which on a row vector's is.</summary>
    public const long PartProducts = 4 << 20, VectorPartElements = 256 << 10;
}
