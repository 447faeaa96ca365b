namespace Gradwright;

/// <summary>
/// Large blocks that stay as the system gave them: how GPUs are used, whose drivers take back nothing but whole blocks (and on OpenCL a block is a handle, not an address).
/// One is reused when it is at most an eighth too big.
/// </summary>
internal sealed class WholeBlocks(Accelerator accelerator) : LargeBlocks
{
    private const long Unit = 64 << 10;

    private readonly List<MemoryBuffer> _free = [];      // sorted by capacity

    public override long Least => (1 << 20) + 1;

    public override long CapacityFor(long length) => (length + Unit - 1) / Unit * Unit;

    public override MemoryBuffer? Take(long capacity)
    {
        int index = LowerBound(capacity);
        if (index == _free.Count || _free[index].Capacity > capacity + capacity / 8) return null;
        MemoryBuffer block = _free[index];
        _free.RemoveAt(index);
        Cached -= block.Capacity;
        return block;
    }

    public override MemoryBuffer? Grow(long capacity)
    {
        nint pointer = accelerator.AllocateRaw(capacity);
        if (pointer == 0) return null;
        Reserved += capacity;
        return new(accelerator, pointer, capacity);
    }

    public override void Put(MemoryBuffer block)
    {
        Cached += block.Capacity;
        _free.Insert(LowerBound(block.Capacity), block);
    }

    public override void Trim()
    {
        foreach (MemoryBuffer block in _free) accelerator.FreeRaw(block.Pointer, block.Capacity);
        _free.Clear();
        Reserved -= Cached;
        Cached = 0;
    }

    private int LowerBound(long capacity)
    {
        int low = 0, high = _free.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_free[middle].Capacity < capacity) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
