using System.Collections.Concurrent;

namespace Gradwright;

/// <summary>
/// Keeps an accelerator's freed memory for the next tensor, so that a steady training loop allocates nothing. Small blocks lie in size classes; large ones are cut
/// to measure and joined again on the CPU (<see cref="DividedBlocks"/>), and reused whole on a GPU (<see cref="WholeBlocks"/>).
/// </summary>
public sealed class MemoryPool
{
    private const long KeepAtLeast = 256L << 20;    // cached large blocks are given back only above this

    private readonly Accelerator _accelerator;
    private readonly Lock _lock = new();
    private readonly SmallBlocks _small;
    private readonly LargeBlocks _large;
    private readonly ConcurrentQueue<MemoryBuffer> _finalized = new();
    private LeakTracker? _tracker;
    private long _live, _peak, _blocks, _misses;

    internal MemoryPool(Accelerator accelerator, LargeBlocks large) => (_accelerator, _small, _large) = (accelerator, new(accelerator), large);

    /// <summary>What the pool holds now.</summary>
    public PoolStatistics Statistics
    {
        get
        {
            lock (_lock) return new(_live, ReservedBytes, _peak, _blocks, _misses);
        }
    }

    /// <summary>Bytes held from the system. Read inside an allocation, under the pool's lock.</summary>
    internal long ReservedBytes => _small.Reserved + _large.Reserved;

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
            long before = ReservedBytes;
            GiveBack();
            return before - ReservedBytes;
        }
    }

    /// <summary>A block of at least <paramref name="length"/> bytes with undefined contents, held by one reference.</summary>
    /// <exception cref="AcceleratorMemoryException">There is no memory left, also after the cache was given back.</exception>
    internal MemoryBuffer Rent(long length)
    {
        if (!_finalized.IsEmpty) ReleaseFinalized();
        MemoryBuffer buffer;
        lock (_lock)
        {
            buffer = length < _large.Least ? RentSmall(length) : RentLarge(length);
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
            if (buffer.Capacity < _large.Least) _small.Put(buffer);
            else _large.Put(buffer);
        }
    }

    /// <summary>Called by finalizers: the block is handed back by the next allocation, never on the finalizer's thread.</summary>
    internal void ReturnLater(MemoryBuffer buffer) => _finalized.Enqueue(buffer);

    private void ReleaseFinalized()
    {
        while (_finalized.TryDequeue(out MemoryBuffer? buffer)) buffer.Release();
    }

    private MemoryBuffer RentSmall(long length)
    {
        long capacity = SmallBlocks.CapacityFor(length, out int number);
        if (_small.Take(number) is { } cached) return cached;
        _misses++;
        if (_small.Grow(capacity) is { } fresh) return fresh;
        GiveBack();
        return _small.Grow(capacity) ?? throw NothingLeft(length);
    }

    private MemoryBuffer RentLarge(long length)
    {
        long capacity = _large.CapacityFor(length);
        if (_large.Take(capacity) is { } cached) return cached;
        // Shapes that no longer occur must not hold memory for ever.
        if (_small.Cached + _large.Cached > Math.Max(KeepAtLeast, _live)) _large.Trim();
        _misses++;
        if (_large.Grow(capacity) is { } fresh) return fresh;
        GiveBack();
        return _large.Grow(capacity) ?? throw NothingLeft(length);
    }

    private void GiveBack()
    {
        _small.Trim();
        _large.Trim();
    }

    private AcceleratorMemoryException NothingLeft(long length)
        => new($"{_accelerator.Name} has no memory for a tensor of {length:N0} bytes; {_live:N0} bytes are live in {_blocks:N0} blocks (peak {_peak:N0}). "
            + "Use a smaller batch, dispose tensors that are kept outside a scope, or set Pool.TrackAllocations and read Pool.LeakReport() to see who holds them.");
}
