namespace Gradwright;

/// <summary>A pool's large blocks that wait for their next tensor, and the way to the system for more. Called under the pool's lock.</summary>
internal abstract class LargeBlocks
{
    /// <summary>Bytes held from the system: live and cached.</summary>
    public long Reserved { get; protected set; }

    /// <summary>Of these, bytes that wait.</summary>
    public long Cached { get; protected set; }

    /// <summary>Smaller blocks lie in the pool's size classes.</summary>
    public abstract long Least { get; }

    /// <summary>What a block for so many bytes really takes.</summary>
    public abstract long CapacityFor(long length);

    /// <summary>A block from what is held, or null.</summary>
    public abstract MemoryBuffer? Take(long capacity);

    /// <summary>A block for which the system is asked, or null when it has nothing left.</summary>
    public abstract MemoryBuffer? Grow(long capacity);

    /// <summary>Takes a block back.</summary>
    public abstract void Put(MemoryBuffer block);

    /// <summary>Gives everything that waits back to the system.</summary>
    public abstract void Trim();
}
