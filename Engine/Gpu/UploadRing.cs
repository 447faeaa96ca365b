using System.Numerics;

namespace Gradwright;

/// <summary>
/// Pinned memory through which small things go to the device: numbers that change from step to step, tables of addresses. They are copied here at once and
/// fetched by the stream later. A ring of segments: the host waits only when it is a whole round ahead of the device.
/// </summary>
internal sealed unsafe class UploadRing(GpuAccelerator accelerator)
{
    private const int Segments = 8, SegmentBytes = 32 << 10, Alignment = 64;

    private readonly List<GpuMark>[] _fetched = [.. Enumerable.Range(0, Segments).Select(_ => new List<GpuMark>())];
    private readonly Lock _lock = new();
    private byte* _memory;
    private int _segment, _used;
    private ulong _users;                   // streams that fetch from the present segment, as bits

    /// <summary>Hands the bytes to the current stream.</summary>
    /// <returns>False if they are too many.</returns>
    public bool TryUpload(void* source, MemoryBuffer destination, long offset, long bytes)
    {
        if (bytes > SegmentBytes) return false;
        lock (_lock)
        {
            if (_memory is null) _memory = (byte*)accelerator.AllocatePinned(Segments * SegmentBytes);
            if (_used + bytes > SegmentBytes) Advance();
            byte* place = _memory + _segment * SegmentBytes + _used;
            Buffer.MemoryCopy(source, place, bytes, bytes);
            accelerator.CopyFromPinned((nint)place, destination, offset, bytes);
            _used += (int)((bytes + Alignment - 1) & -Alignment);
            _users |= accelerator.CurrentStream.Bit;
        }

        return true;
    }

    private void Advance()
    {
        for (; _users != 0; _users &= _users - 1)
            if (accelerator.Stream(BitOperations.TrailingZeroCount(_users)) is { } stream) _fetched[_segment].Add(stream.Mark());
        _segment = (_segment + 1) % Segments;
        _used = 0;
        foreach (GpuMark mark in _fetched[_segment])
        {
            mark.Wait();
            mark.Dispose();
        }

        _fetched[_segment].Clear();
    }
}
