using System.Collections.Concurrent;
using System.Numerics;

namespace Gradwright;

/// <summary>
/// Keeps an accelerator's freed memory for the next tensor of about the same size, so that a steady training loop allocates
/// nothing. Small blocks lie in classes, eight to the power of two; a large one is reused when it is at most an eighth too big.
/// </summary>
public sealed class MemoryPool
{
    private const int SmallestLog = 6;              // 64 bytes: a cache line and the widest vector
    private const int LargestSmallLog = 20;         // above 1 MB blocks are matched by size, not by class
    private const long LargeUnit = 64 << 10;        // large blocks are multiples of this
    private const long KeepAtLeast = 256L << 20;    // cached large blocks are given back only above this

    private readonly Accelerator _accelerator;
    private readonly Lock _lock = new();
    private readonly Stack<MemoryBuffer>[] _small;
    private readonly List<MemoryBuffer> _large = [];                     // sorted by capacity
    private readonly ConcurrentQueue<MemoryBuffer> _finalized = new();
    private LeakTracker? _tracker;
    private long _live, _reserved, _cached, _peak, _blocks, _misses;

    internal MemoryPool(Accelerator accelerator)
    {
        _accelerator = accelerator;
        _small = new Stack<MemoryBuffer>[(LargestSmallLog - SmallestLog) * 8 + 1];
        for (int i = 0; i < _small.Length; i++) _small[i] = new();
    }

    /// <summary>What the pool holds now.</summary>
    public PoolStatistics Statistics
    {
        get
        {
            lock (_lock) return new(_live, _reserved, _peak, _blocks, _misses);
        }
    }

    /// <summary>Bytes held from the system. Read inside an allocation, under the pool's lock.</summary>
    internal long ReservedBytes => _reserved;

    /// <summary>
    /// When on, every allocation from then on remembers where it was made, for <see cref="LeakReport"/>. Slow; for tests and for hunting leaks.
    /// </summary>
    public bool TrackAllocations
    {
        get => _tracker is not null;
        set
        {
            lock (_lock) _tracker = value ? _tracker ?? new() : null;
        }
    }

    /// <summary>Live blocks that were allocated while <see cref="TrackAllocations"/> was on, grouped by the line that made them, largest first.</summary>
    public IReadOnlyList<AllocationSite> LeakReport()
    {
        ReleaseFinalized();
        lock (_lock) return _tracker?.Report() ?? [];
    }

    /// <summary>Starts a new measurement of the peak.</summary>
    public void ResetPeak()
    {
        lock (_lock) _peak = _live;
    }

    /// <summary>Gives every cached block back to the system.</summary>
    /// <returns>Bytes given back.</returns>
    public long Trim()
    {
        ReleaseFinalized();
        lock (_lock)
        {
            long before = _reserved;
            FreeCached();
            return before - _reserved;
        }
    }

    /// <summary>A block of at least <paramref name="length"/> bytes with undefined contents, held by one reference.</summary>
    /// <exception cref="AcceleratorMemoryException">There is no memory left, also after the cache was given back.</exception>
    internal MemoryBuffer Rent(long length)
    {
        if (!_finalized.IsEmpty) ReleaseFinalized();
        long capacity = Capacity(length, out int smallClass);
        MemoryBuffer? buffer = null;
        lock (_lock)
        {
            if (smallClass >= 0) _small[smallClass].TryPop(out buffer);
            else buffer = TakeLarge(capacity);
            if (buffer is not null) _cached -= buffer.Capacity;
            else buffer = Allocate(capacity, length);
            buffer.Open(length);
            _live += length;
            _blocks++;
            if (_live > _peak) _peak = _live;
            _tracker?.Add(buffer);
        }

        return buffer;
    }

    internal void Return(MemoryBuffer buffer)
    {
        lock (_lock)
        {
            _live -= buffer.Length;
            _blocks--;
            _tracker?.Remove(buffer);
            _cached += buffer.Capacity;
            Capacity(buffer.Capacity, out int smallClass);
            if (smallClass >= 0)
            {
                _small[smallClass].Push(buffer);
                return;
            }

            _large.Insert(LowerBound(buffer.Capacity), buffer);
        }
    }

    /// <summary>Called by finalizers: the block is handed back by the next allocation, never on the finalizer's thread.</summary>
    internal void ReturnLater(MemoryBuffer buffer) => _finalized.Enqueue(buffer);

    private void ReleaseFinalized()
    {
        while (_finalized.TryDequeue(out MemoryBuffer? buffer)) buffer.Release();
    }

    private static long Capacity(long length, out int smallClass)
    {
        if (length <= 1L << SmallestLog)
        {
            smallClass = 0;
            return 1L << SmallestLog;
        }

        if (length > 1L << LargestSmallLog)
        {
            smallClass = -1;
            return (length + LargeUnit - 1) / LargeUnit * LargeUnit;
        }

        int log = BitOperations.Log2((ulong)(length - 1));              // 2^log < length <= 2^(log+1)
        long step = Math.Max(64, 1L << (log - 3)), capacity = (length + step - 1) / step * step;
        log = BitOperations.Log2((ulong)(capacity - 1));
        smallClass = (log - SmallestLog) * 8 + (int)((capacity - (1L << log)) * 8 >> log);
        return capacity;
    }

    private MemoryBuffer? TakeLarge(long capacity)
    {
        int index = LowerBound(capacity);
        if (index == _large.Count || _large[index].Capacity > capacity + capacity / 8) return null;
        MemoryBuffer buffer = _large[index];
        _large.RemoveAt(index);
        return buffer;
    }

    private MemoryBuffer Allocate(long capacity, long length)
    {
        // Shapes that no longer occur must not hold memory for ever.
        if (_cached > Math.Max(KeepAtLeast, _live)) FreeLarge();
        nint pointer = _accelerator.AllocateRaw(capacity);
        if (pointer == 0)
        {
            FreeCached();
            pointer = _accelerator.AllocateRaw(capacity);
        }

        if (pointer == 0)
            throw new AcceleratorMemoryException($"{_accelerator.Name} has no memory for a tensor of {length:N0} bytes; {_live:N0} bytes are live in {_blocks:N0} blocks (peak {_peak:N0}). "
                + "Use a smaller batch, dispose tensors that are kept outside a scope, or set Pool.TrackAllocations and read Pool.LeakReport() to see who holds them.");
        _reserved += capacity;
        _misses++;
        return new(_accelerator, pointer, capacity);
    }

    private void FreeCached()
    {
        foreach (Stack<MemoryBuffer> stack in _small)
            while (stack.TryPop(out MemoryBuffer? buffer)) Free(buffer);
        FreeLarge();
    }

    private void FreeLarge()
    {
        foreach (MemoryBuffer buffer in _large) Free(buffer);
        _large.Clear();
    }

    private void Free(MemoryBuffer buffer)
    {
        _accelerator.FreeRaw(buffer.Pointer, buffer.Capacity);
        _reserved -= buffer.Capacity;
        _cached -= buffer.Capacity;
    }

    private int LowerBound(long capacity)
    {
        int low = 0, high = _large.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_large[middle].Capacity < capacity) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
