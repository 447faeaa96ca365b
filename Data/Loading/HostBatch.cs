using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>Room for a batch in host memory; for a GPU it is pinned, so that the device fetches it by itself.</summary>
internal sealed unsafe class HostBatch : IDisposable
{
    private readonly GpuAccelerator? _gpu;
    private readonly long _inputBytes, _targetBytes;
    private nint _memory;

    public HostBatch(long inputBytes, long targetBytes, Accelerator accelerator)
    {
        (_inputBytes, _targetBytes, _gpu) = (inputBytes, targetBytes, accelerator as GpuAccelerator);
        _memory = _gpu is null ? (nint)NativeMemory.Alloc((nuint)(inputBytes + targetBytes)) : _gpu.AllocatePinned(inputBytes + targetBytes);
        if (_gpu is not null) GC.SuppressFinalize(this);        // a driver is never called from a finalizer
    }

    ~HostBatch() => NativeMemory.Free((void*)_memory);

    public nint InputPointer => _memory;

    public nint TargetPointer => _memory + (nint)_inputBytes;

    public Span<byte> Inputs => new((void*)_memory, checked((int)_inputBytes));

    public Span<byte> Targets => new((void*)TargetPointer, checked((int)_targetBytes));

    /// <summary>Samples it holds.</summary>
    public int Count { get; set; }

    public void Dispose()
    {
        if (_memory == 0) return;
        if (_gpu is null) NativeMemory.Free((void*)_memory);
        else _gpu.FreePinned(_memory);
        _memory = 0;
        GC.SuppressFinalize(this);
    }
}
