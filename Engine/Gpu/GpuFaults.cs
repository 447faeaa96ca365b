namespace Gradwright;

/// <summary>
/// Errors that only a kernel can find, such as an index that is out of range: the kernel notes the first one and goes on without touching foreign memory; the
/// host throws it at the next moment it waits for the device anyway. So checking costs no synchronisation.
/// </summary>
internal sealed class GpuFaults(GpuAccelerator accelerator)
{
    private const int Remembered = 4096;

    /// <summary>Bytes of what a kernel notes: the ticket (32 bits), 4 bytes unused, the position and the value (64 bits each).</summary>
    public const int RecordBytes = 24;

    private readonly Func<long, long, Exception>?[] _explanations = new Func<long, long, Exception>?[Remembered];
    private readonly Lock _lock = new();
    private uint _issued;
    private ulong _unseen;                  // streams with kernels that may still find something, as bits
    private MemoryBuffer? _record;

    /// <summary>Adds the record and a ticket to a kernel's arguments: <c>FAULTS</c> in the dialect.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="explain">The exception, from the position and the value that the kernel notes.</param>
    public void AddTo(ref KernelArguments arguments, Func<long, long, Exception> explain)
    {
        uint ticket;
        lock (_lock)
        {
            if (_record is null)
            {
                _record = accelerator.Pool.Rent(RecordBytes);
                Clear(_record);
            }

            ticket = ++_issued == 0 ? ++_issued : _issued;
            _explanations[ticket % Remembered] = explain;
            _unseen |= accelerator.CurrentStream.Bit;
        }

        // Not ordered between streams: whoever is first is as good as any other.
        arguments.Value(_record.Pointer);
        arguments.Value(ticket);
    }

    /// <summary>To be called when a stream has caught up, or all have.</summary>
    /// <param name="finished">The stream; null for all.</param>
    public unsafe void ThrowIfAny(GpuStream? finished = null)
    {
        if (_unseen == 0 || _record is null) return;
        byte* record = stackalloc byte[RecordBytes];
        Exception error;
        lock (_lock)
        {
            if (_unseen == 0) return;
            accelerator.ReadRaw(_record, record, RecordBytes);
            _unseen &= ~(finished?.Bit ?? ulong.MaxValue);      // another stream's kernels may yet find something
            uint ticket = *(uint*)record;
            if (ticket == 0) return;
            Clear(_record);
            error = (_issued - ticket < Remembered ? _explanations[ticket % Remembered] : null)?.Invoke(((long*)record)[1], ((long*)record)[2])
                ?? new AcceleratorException($"{accelerator.Name}: a kernel met an index that is out of range, too long ago to say which.");
        }

        throw error;
    }

    // Kernels of other streams, which do not wait for this one, find it clear.
    private void Clear(MemoryBuffer record)
    {
        accelerator.Fill(record, 0, RecordBytes / 4, 4, 0);
        accelerator.CurrentStream.Finish();
    }
}
