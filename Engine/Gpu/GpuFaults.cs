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
    private uint _issued, _seen;
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
                accelerator.Fill(_record, 0, RecordBytes / 4, 4, 0);
            }

            ticket = ++_issued == 0 ? ++_issued : _issued;
            _explanations[ticket % Remembered] = explain;
        }

        // Not ordered between streams: whoever is first is as good as any other.
        arguments.Value(_record.Pointer);
        arguments.Value(ticket);
    }

    /// <summary>To be called when the device has caught up.</summary>
    public unsafe void ThrowIfAny()
    {
        if (_issued == _seen || _record is null) return;
        byte* record = stackalloc byte[RecordBytes];
        Exception error;
        lock (_lock)
        {
            if (_issued == _seen) return;
            accelerator.ReadRaw(_record, record, RecordBytes);
            _seen = _issued;
            uint ticket = *(uint*)record;
            if (ticket == 0) return;
            accelerator.Fill(_record, 0, RecordBytes / 4, 4, 0);
            error = (_issued - ticket < Remembered ? _explanations[ticket % Remembered] : null)?.Invoke(((long*)record)[1], ((long*)record)[2])
                ?? new AcceleratorException($"{accelerator.Name}: a kernel met an index that is out of range, too long ago to say which.");
        }

        throw error;
    }
}
