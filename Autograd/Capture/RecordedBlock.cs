namespace Gradwright;

/// <summary>A block of memory that a captured step has used, under one lease.</summary>
internal sealed class RecordedBlock(MemoryBuffer buffer, bool isOfStep, int first)
{
    public readonly MemoryBuffer Buffer = buffer;
    public readonly long Lease = buffer.Lease;
    public readonly long Length = buffer.Length;

    /// <summary>Whether the step allocated it; otherwise it was there before.</summary>
    public readonly bool IsOfStep = isOfStep;

    /// <summary>The first work that touches it, and the last.</summary>
    public readonly int First = first;

    public int Last = first;

    public bool IsRead, IsWritten;

    /// <summary>Whether it holds numbers that the program wrote: they are frozen, and the block with them.</summary>
    public bool IsConstant;

    /// <summary>Whether the lease has not ended.</summary>
    public bool IsAlive => Buffer.Lease == Lease && Buffer.References > 0;

    /// <summary>Where the block lies while the step is repeated, in bytes from the start of the arena; −1 where it stays what it is.</summary>
    public long Place = -1;

    /// <summary>Whether nobody else needs it: it can share memory with blocks that are used at other times.</summary>
    public bool IsTemporary => Place >= 0;
}

/// <summary>A tensor in a recorded step.</summary>
internal readonly record struct RecordedTensor(RecordedBlock Block, Layout Layout, DType DType)
{
    /// <summary>The tensor while the step is repeated. The caller frees it.</summary>
    public Tensor Bind(MemoryBuffer? arena)
    {
        MemoryBuffer buffer = Block.IsTemporary ? arena! : Block.Buffer;
        buffer.AddReference();
        return new(buffer, Block.IsTemporary ? Layout.Shifted(Block.Place / DType.Size) : Layout, DType, Tensor.Ownership.Internal);
    }
}
