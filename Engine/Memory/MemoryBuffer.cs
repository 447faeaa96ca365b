namespace Gradwright;

/// <summary>
/// A block of an accelerator's memory, shared by the tensors that view it. Counted: the last one to leave hands it back to
/// the pool. Versioned: every change bumps <see cref="Version"/>, so the tape notices a saved tensor that is no longer what it was.
/// </summary>
public sealed class MemoryBuffer
{
    private static long _leases;

    private int _references;
    private int _version;
    private readonly Action? _releaseForeign;

    internal MemoryBuffer(Accelerator accelerator, nint pointer, long capacity)
        => (Accelerator, Pointer, Capacity) = (accelerator, pointer, capacity);

    private MemoryBuffer(Accelerator accelerator, nint pointer, long length, Action? release) : this(accelerator, pointer, length)
        => (Length, _releaseForeign, IsForeign, Lease) = (length, release, true, NextLease());

    public Accelerator Accelerator { get; }

    /// <summary>Address of the first byte in the accelerator's address space; on OpenCL the handle of the memory object.</summary>
    public nint Pointer { get; internal set; }

    /// <summary>Bytes reserved.</summary>
    public long Capacity { get; internal set; }

    /// <summary>Bytes asked for.</summary>
    public long Length { get; private set; }

    /// <summary>True for memory that somebody else allocated.</summary>
    public bool IsForeign { get; }

    /// <summary>Goes up with every change of the contents and with every reuse of the block.</summary>
    public int Version => _version;

    /// <summary>Which use of the block this is: unique among all blocks, and greater than that of every block opened before.</summary>
    internal long Lease { get; private set; }

    /// <summary>The greatest lease so far.</summary>
    internal static long LatestLease => Volatile.Read(ref _leases);

    /// <summary>How many tensors share this block; 1 means that its one holder may change it unseen.</summary>
    internal int References => Volatile.Read(ref _references);

    /// <summary>The blocks beside this one in its segment: see <see cref="DividedBlocks"/>, which keeps these five.</summary>
    internal MemoryBuffer? Before, After;

    /// <summary>Whether nobody uses the block.</summary>
    internal bool IsFree;

    /// <summary>Of a free block, the bytes that have pages behind them: from the first, up to the second.</summary>
    internal long BackedFrom, BackedTo;

    /// <summary>How many of a free block's first <paramref name="bytes"/> have pages behind them.</summary>
    internal long BackedWithin(long bytes) => Math.Max(0, Math.Min(BackedTo, bytes) - BackedFrom);

    /// <summary>Streams that have used the block since it was last written, the writer included, as bits.</summary>
    internal ulong StreamUsers;

    /// <summary>The stream that wrote the block last.</summary>
    internal int StreamWriter;

    internal void AddStreamUser(ulong bit) => Interlocked.Or(ref StreamUsers, bit);

    /// <summary>
    /// Uses memory that somebody else allocated, without a copy; <paramref name="release"/> is called when the last tensor leaves.
    /// <paramref name="pointer"/> is an address on the CPU, a <c>CUdeviceptr</c> on CUDA, a <c>cl_mem</c> on OpenCL.
    /// </summary>
    public static MemoryBuffer Adopt(Accelerator accelerator, nint pointer, long byteLength, Action? release = null)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        return new(accelerator, pointer, byteLength, release);
    }

    /// <summary>Announces a change of the contents.</summary>
    public void BumpVersion() => _version++;

    internal void Open(long length)
    {
        (Length, _references, Lease) = (length, 1, NextLease());
        _version++;
    }

    private static long NextLease() => Interlocked.Increment(ref _leases);

    internal void AddReference() => Interlocked.Increment(ref _references);

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0) return;
        if (!IsForeign) Accelerator.Pool.Return(this);
        else
        {
            Pointer = 0;
            _releaseForeign?.Invoke();
        }
    }
}
