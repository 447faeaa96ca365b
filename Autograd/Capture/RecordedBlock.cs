namespace Gradwright;

/// <summary>A block of memory that a captured step has used, under one lease.</summary>
internal sealed class RecordedBlock(MemoryBuffer buffer, bool isOfStep)
{
    public readonly MemoryBuffer Buffer = buffer;
    public readonly long Lease = buffer.Lease;
    public readonly long Length = buffer.Length;

    /// <summary>Whether the step allocated it; otherwise it was there before.</summary>
    public readonly bool IsOfStep = isOfStep;

    /// <summary>The first work that touches it, and the last; without one, the last comes before the first.</summary>
    public int First = int.MaxValue, Last = -1;

    public bool IsWritten;

    /// <summary>Whether it holds numbers that the program wrote: they are frozen, and the block with them.</summary>
    public bool IsConstant;

    /// <summary>Whether the lease has not ended.</summary>
    public bool IsAlive => Buffer.Lease == Lease && Buffer.References > 0;

    /// <summary>Whether nobody else needs it: it can share memory with blocks that are used at other times.</summary>
    public bool IsTemporary;

    /// <summary>The block in whose place this one lies: its own, or that of an operand over which an elementwise op writes it.</summary>
    public RecordedBlock Host => _host is null ? this : _host.Host;

    private RecordedBlock? _host;

    /// <summary>Where a host lies while the step is repeated, in bytes from the start of the arena.</summary>
    public long Place;

    /// <summary>The block takes the place of another one, which nobody needs any more.</summary>
    public void Replace(RecordedBlock other)
    {
        _host = other.Host;
        _host.Use(Last);
    }

    /// <summary>A work of the given number touches it.</summary>
    public void Use(int work) => (First, Last) = (Math.Min(First, work), Math.Max(Last, work));
}

/// <summary>A tensor in a recorded step.</summary>
internal readonly record struct RecordedTensor(RecordedBlock Block, Layout Layout, DType DType)
{
    /// <summary>Whether elements of the same positions lie at the same places of their blocks.</summary>
    public bool LiesLike(RecordedTensor other)
        => DType == other.DType && Layout.Offset == other.Layout.Offset && Layout.Shape == other.Layout.Shape && Layout.Strides.SequenceEqual(other.Layout.Strides);

    /// <summary>The tensor while the step is repeated. The caller frees it.</summary>
    public Tensor Bind(MemoryBuffer? arena)
    {
        MemoryBuffer buffer = Block.IsTemporary ? arena! : Block.Buffer;
        buffer.AddReference();
        return new(buffer, Block.IsTemporary ? Layout.Shifted(Block.Host.Place / DType.Size) : Layout, DType, Tensor.Ownership.Internal);
    }
}
