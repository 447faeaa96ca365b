namespace Gradwright;

/// <summary>
/// Pinned memory through which uploads from ordinary memory go: the bytes are copied here at once, so the caller's may change as soon as the call returns,
/// and the device fetches them later. A ring of slots, so that copying on the host and fetching overlap.
/// </summary>
internal sealed unsafe class CudaStaging(CudaAccelerator accelerator)
{
    private const int Slots = 4;
    private const long SlotBytes = 2 << 20;

    private readonly GpuMark?[] _fetched = new GpuMark?[Slots];
    private readonly Lock _lock = new();
    private byte* _memory;
    private int _next;

    /// <summary>Hands the bytes to the stream.</summary>
    public void Upload(CudaStream stream, byte* source, nint destination, long bytes)
    {
        lock (_lock)
        {
            if (_memory is null) _memory = (byte*)accelerator.AllocatePinned(Slots * SlotBytes);
            for (long done = 0; done < bytes; done += SlotBytes)
            {
                long part = Math.Min(SlotBytes, bytes - done);
                byte* slot = _memory + _next * SlotBytes;
                if (_fetched[_next] is { } mark)
                {
                    _fetched[_next] = null;
                    mark.Wait();
                    mark.Dispose();
                }

                Buffer.MemoryCopy(source + done, slot, SlotBytes, part);
                accelerator.CopyAsync(stream, slot, destination + (nint)done, part);
                _fetched[_next] = stream.Mark();
                _next = (_next + 1) % Slots;
            }
        }
    }
}
