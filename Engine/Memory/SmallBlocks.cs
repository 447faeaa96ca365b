using System.Numerics;

namespace Gradwright;

/// <summary>A pool's small blocks that wait for their next tensor, in size classes, eight to the power of two. Called under the pool's lock.</summary>
internal sealed class SmallBlocks
{
    private const int SmallestLog = 6, LargestLog = 20;      // 64 bytes, a cache line and the widest vector, to 1 MB

    private readonly Accelerator _accelerator;
    private readonly Stack<MemoryBuffer>[] _free = new Stack<MemoryBuffer>[(LargestLog - SmallestLog) * 8 + 1];

    public SmallBlocks(Accelerator accelerator)
    {
        _accelerator = accelerator;
        for (int i = 0; i < _free.Length; i++) _free[i] = new();
    }

    /// <summary>Bytes held from the system: live and cached.</summary>
    public long Reserved { get; private set; }

    /// <summary>Of these, bytes that wait.</summary>
    public long Cached { get; private set; }

    /// <summary>The size of the class for so many bytes, and its number.</summary>
    public static long CapacityFor(long length, out int number)
    {
        number = 0;
        if (length <= 1L << SmallestLog) return 1L << SmallestLog;
        int log = BitOperations.Log2((ulong)(length - 1));              // 2^log < length <= 2^(log+1)
        long step = Math.Max(64, 1L << (log - 3)), capacity = (length + step - 1) / step * step;
        log = BitOperations.Log2((ulong)(capacity - 1));
        number = (log - SmallestLog) * 8 + (int)((capacity - (1L << log)) * 8 >> log);
        return capacity;
    }

    /// <summary>A block of the class that waits, or null.</summary>
    public MemoryBuffer? Take(int number)
    {
        if (_free[number].TryPop(out MemoryBuffer? block)) Cached -= block.Capacity;
        return block;
    }

    /// <summary>A block for which the system is asked, or null when it has nothing left.</summary>
    public MemoryBuffer? Grow(long capacity)
    {
        nint pointer = _accelerator.AllocateRaw(capacity);
        if (pointer == 0) return null;
        Reserved += capacity;
        return new(_accelerator, pointer, capacity);
    }

    /// <summary>Takes a block back.</summary>
    public void Put(MemoryBuffer block)
    {
        CapacityFor(block.Capacity, out int number);
        Cached += block.Capacity;
        _free[number].Push(block);
    }

    /// <summary>Gives everything that waits back to the system.</summary>
    public void Trim()
    {
        foreach (Stack<MemoryBuffer> stack in _free)
            while (stack.TryPop(out MemoryBuffer? block)) _accelerator.FreeRaw(block.Pointer, block.Capacity);
        Reserved -= Cached;
        Cached = 0;
    }
}
