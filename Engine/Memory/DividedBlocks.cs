namespace Gradwright;

/// <summary>
/// Large blocks cut from segments of address space: what a tensor does not need is there for the next one, and free neighbours become one again. The host's memory works like
/// that: a page costs nothing before it is touched, and can be given back alone.
/// </summary>
/// <remarks>
/// A segment is a chain of blocks without gaps. Of a free block, bytes <see cref="MemoryBuffer.BackedFrom"/> to <see cref="MemoryBuffer.BackedTo"/> have pages behind them; of a block
/// in use, all. <see cref="Take"/> stays within the pages that are there, and takes the smallest free block; <see cref="Grow"/> goes where the fewest are missing: where a segment was
/// touched last and goes on. So a training step holds little more than what lives at its peak.
/// </remarks>
internal sealed class DividedBlocks(Accelerator accelerator, long segmentBytes) : LargeBlocks
{
    /// <summary>Blocks begin at multiples of this from their segment's first byte.</summary>
    public const long Unit = 4096;

    private readonly List<MemoryBuffer> _free = [];         // sorted by capacity, then address
    private readonly Stack<MemoryBuffer> _spare = new();    // objects whose block became part of another one

    public override long Least => (256 << 10) + 1;

    /// <summary>The free blocks, for tests.</summary>
    internal IReadOnlyList<MemoryBuffer> Free => _free;

    public override long CapacityFor(long length) => (length + Unit - 1) / Unit * Unit;

    public override MemoryBuffer? Take(long capacity)
    {
        for (int i = LowerBound(capacity, 0); i < _free.Count; i++)
            if (_free[i].BackedWithin(capacity) == capacity) return Use(i, capacity);
        return null;
    }

    public override MemoryBuffer? Grow(long capacity)
    {
        int best = -1;
        for (int i = LowerBound(capacity, 0); i < _free.Count; i++)
            if (best < 0 || _free[i].BackedWithin(capacity) > _free[best].BackedWithin(capacity)) best = i;
        return best >= 0 ? Use(best, capacity) : AddSegment(Math.Max(capacity, segmentBytes)) || AddSegment(capacity) ? Use(LowerBound(capacity, 0), capacity) : null;
    }

    public override void Put(MemoryBuffer block)
    {
        // Whoever remembers the object and its version must not take the block's next use for the old one: the object may go.
        block.BumpVersion();
        (block.IsFree, block.BackedFrom, block.BackedTo) = (true, 0, block.Capacity);
        Cached += block.Capacity;
        if (block.After is { IsFree: true } after)
        {
            _free.RemoveAt(IndexOf(after));
            Join(block, after);
        }

        if (block.Before is { IsFree: true } before)
        {
            _free.RemoveAt(IndexOf(before));
            Join(before, block);
            block = before;
        }

        _free.Insert(IndexOf(block), block);
    }

    public override void Trim()
    {
        for (int i = _free.Count - 1; i >= 0; i--)
        {
            MemoryBuffer block = _free[i];
            long backed = block.BackedTo - block.BackedFrom;
            if (block is { Before: null, After: null })
            {
                accelerator.FreeRaw(block.Pointer, block.Capacity);
                _free.RemoveAt(i);
            }
            else if (backed == 0 || !accelerator.DiscardRaw(block.Pointer + (nint)block.BackedFrom, backed)) continue;
            else block.BackedFrom = block.BackedTo = 0;
            Reserved -= backed;
            Cached -= backed;
        }
    }

    private bool AddSegment(long bytes)
    {
        nint pointer = accelerator.AllocateRaw(bytes);
        if (pointer == 0) return false;
        MemoryBuffer block = Block(pointer, bytes);
        _free.Insert(IndexOf(block), block);
        return true;
    }

    private MemoryBuffer Use(int index, long capacity)
    {
        MemoryBuffer block = _free[index];
        _free.RemoveAt(index);
        long backed = block.BackedWithin(capacity);
        Cached -= backed;
        Reserved += capacity - backed;
        block.IsFree = false;
        if (block.Capacity == capacity) return block;

        MemoryBuffer rest = Block(block.Pointer + (nint)capacity, block.Capacity - capacity);
        (rest.BackedFrom, rest.BackedTo) = (Math.Max(block.BackedFrom - capacity, 0), Math.Max(block.BackedTo - capacity, 0));
        (rest.Before, rest.After, block.After, block.Capacity) = (block, block.After, rest, capacity);
        if (rest.After is { } after) after.Before = rest;
        _free.Insert(IndexOf(rest), rest);
        return block;
    }

    private MemoryBuffer Block(nint pointer, long capacity)
    {
        MemoryBuffer block = _spare.TryPop(out MemoryBuffer? spare) ? spare : new(accelerator, pointer, capacity);
        (block.Pointer, block.Capacity, block.IsFree) = (pointer, capacity, true);
        (block.BackedFrom, block.BackedTo, block.Before, block.After) = (0, 0, null, null);
        return block;
    }

    /// <summary>Makes one free block of two neighbours, neither of which stands in the list.</summary>
    private void Join(MemoryBuffer first, MemoryBuffer second)
    {
        if (second.BackedTo > second.BackedFrom)
        {
            long from = first.Capacity + second.BackedFrom, to = first.Capacity + second.BackedTo;
            if (first.BackedTo == first.BackedFrom) (first.BackedFrom, first.BackedTo) = (from, to);
            else
            {
                // One range is remembered: a gap between two counts as if it had pages.
                Reserved += from - first.BackedTo;
                Cached += from - first.BackedTo;
                first.BackedTo = to;
            }
        }

        (first.Capacity, first.After) = (first.Capacity + second.Capacity, second.After);
        if (second.After is { } after) after.Before = first;
        (second.Before, second.After) = (null, null);
        _spare.Push(second);
    }

    private int IndexOf(MemoryBuffer block) => LowerBound(block.Capacity, block.Pointer);

    private int LowerBound(long capacity, nint pointer)
    {
        int low = 0, high = _free.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            MemoryBuffer block = _free[middle];
            if (block.Capacity < capacity || (block.Capacity == capacity && block.Pointer < pointer)) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
