using System.Numerics;
using System.Runtime.InteropServices;

namespace Gradwright;

/// <summary>
/// A device with memory of its own that runs compiled kernels: <see cref="CudaAccelerator"/>, <see cref="OpenClAccelerator"/>. Work is asynchronous;
/// only reading values back waits.
/// </summary>
public abstract unsafe partial class GpuAccelerator : Accelerator
{
    private const int MostStreams = 64;

    private readonly Lock _lock = new();
    private readonly GpuStream?[] _streams = new GpuStream?[MostStreams];
    private readonly UploadRing _ring;
    private GpuKernel?[] _kernels = new GpuKernel?[256];
    private long _launches, _readbacks;

    private protected GpuAccelerator(string name, GpuTraits traits)
    {
        (Name, Traits) = (name, traits);
        Faults = new(this);
        _ring = new(this);
    }

    public sealed override string Name { get; }

    public override string Description => $"{Traits.Device} ({Traits.Api}, {Traits.Driver})";

    /// <summary>What the device can do.</summary>
    public GpuTraits Traits { get; }

    /// <summary>Where work goes unless a thread has chosen another stream.</summary>
    public GpuStream DefaultStream => _streams[0]!;

    /// <summary>Where this thread's work goes now.</summary>
    public GpuStream CurrentStream => GpuStream.CurrentOf(this) ?? _streams[0]!;

    /// <summary>Kernels handed to the device so far.</summary>
    public long Launches => Volatile.Read(ref _launches);

    /// <summary>How often the host has waited for values.</summary>
    internal long Readbacks => Volatile.Read(ref _readbacks);

    internal GpuFaults Faults { get; }

    /// <summary>Which tile sizes and groups suit the device; tests put another device's table here.</summary>
    internal TuningTable Tuning
    {
        get => _tuning ??= TuningTable.For(Traits);
        set => _tuning = value;
    }

    private TuningTable? _tuning;

    /// <summary>Another stream of this accelerator.</summary>
    /// <exception cref="AcceleratorException">There are 64 already.</exception>
    public GpuStream CreateStream() => Register(NewStream());

    /// <summary>Waits for all streams.</summary>
    public override void Synchronize()
    {
        foreach (GpuStream? stream in _streams) stream?.Finish();
        Faults.ThrowIfAny();
    }

    /// <summary>Hands a kernel to the current stream and returns at once.</summary>
    internal void Launch(KernelSpec spec, LaunchSize size, ref KernelArguments arguments)
    {
        if (size.IsEmpty) return;
        GpuKernel kernel = Kernel(spec);
        GpuStream stream = CurrentStream;
        for (int i = 0; i < arguments.BufferCount; i++) Order(stream, arguments.Buffer(i), arguments.IsWritten(i));
        kernel.Enqueue(stream, size, ref arguments);
        Interlocked.Increment(ref _launches);
    }

    /// <summary>The compiled kernel: from memory, from disk, or made now.</summary>
    internal GpuKernel Kernel(KernelSpec spec)
    {
        GpuKernel?[] kernels = _kernels;
        if (spec.Index < kernels.Length && kernels[spec.Index] is { } known) return known;
        lock (_lock)
        {
            if (spec.Index >= _kernels.Length) Array.Resize(ref _kernels, Math.Max(2 * _kernels.Length, spec.Index + 1));
            if (_kernels[spec.Index] is { } made) return made;
            if (spec.UsesDouble && !Traits.HasDouble)
                throw new DTypeException($"{Name}: {Traits.Device} cannot compute in double precision, which {spec} needs. Use Float32 there.");
            return _kernels[spec.Index] = Compile(spec);
        }
    }

    /// <summary>Compiles and loads one specialisation.</summary>
    private protected abstract GpuKernel Compile(KernelSpec spec);

    private protected abstract GpuStream NewStream();

    /// <summary>Waits for the stream, then reads, whoever wrote the buffer.</summary>
    internal abstract void ReadRaw(MemoryBuffer source, void* destination, long bytes);

    /// <summary>Host memory that the device reads by itself, for uploads that do not hold up the host.</summary>
    internal abstract nint AllocatePinned(long bytes);

    internal abstract void FreePinned(nint pointer);

    /// <summary>
    /// Bytes from pinned memory to the device. Returns at once: the source must stay as it is until the stream is there, which <see cref="GpuStream.Mark"/> tells.
    /// </summary>
    internal abstract void CopyFromPinned(nint source, MemoryBuffer destination, long offset, long bytes);

    /// <summary>Bytes from the host to the device, handed to the current stream like a kernel: the host goes on at once, and the source may change.</summary>
    internal void Upload(void* source, MemoryBuffer destination, long bytes)
    {
        if (!_ring.TryUpload(source, destination, 0, bytes)) CopyFromHost(source, destination, 0, bytes);
    }

    /// <summary>An open stream, or null for one that is gone: it had finished.</summary>
    internal GpuStream? Stream(int id) => _streams[id];

    /// <summary>Makes <paramref name="stream"/> wait for those streams whose use of the buffer it must not overtake.</summary>
    internal void Order(GpuStream stream, MemoryBuffer buffer, bool written)
    {
        ulong own = stream.Bit, users = buffer.StreamUsers;
        if (users == own)
        {
            if (written) buffer.StreamWriter = stream.Id;
            return;
        }

        if (written)
        {
            for (ulong others = users & ~own; others != 0; others &= others - 1) WaitFor(stream, BitOperations.TrailingZeroCount(others));
            (buffer.StreamUsers, buffer.StreamWriter) = (own, stream.Id);
            return;
        }

        if ((users & own) != 0) return;
        if (users != 0 && buffer.StreamWriter != stream.Id) WaitFor(stream, buffer.StreamWriter);
        buffer.AddStreamUser(own);
    }

    private void WaitFor(GpuStream stream, int id)
    {
        if (Stream(id) is { } other) stream.WaitFor(other);
    }

    /// <summary>Waits for all streams, without looking for faults.</summary>
    private protected void FinishAll()
    {
        lock (_lock)
            foreach (GpuStream? stream in _streams) stream?.Finish();
    }

    internal void Forget(GpuStream stream)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_streams[stream.Id], stream)) return;
            stream.Finish();
            _streams[stream.Id] = null;
        }

        stream.Release();
    }

    private protected GpuStream Register(GpuStream stream)
    {
        lock (_lock)
        {
            int id = Array.IndexOf(_streams, null);
            if (id < 0)
            {
                stream.Release();
                throw new AcceleratorException($"{Name}: {MostStreams} streams are open, the most there are. Dispose some.");
            }

            stream.Id = id;
            _streams[id] = stream;
        }

        return stream;
    }

    internal sealed override void GatherToHost(MemoryBuffer buffer, Layout layout, int elementSize, void* destination)
    {
        if (layout.Count == 0) return;
        Interlocked.Increment(ref _readbacks);
        if (layout.IsContiguous)
        {
            CopyToHost(buffer, layout.Offset * elementSize, destination, layout.Count * elementSize);
            return;
        }

        (long first, long last) = layout.Extent();
        byte* copy = (byte*)NativeMemory.Alloc((nuint)((last - first + 1) * elementSize));
        try
        {
            CopyToHost(buffer, first * elementSize, copy, (last - first + 1) * elementSize);
            StridedCopy.Gather(copy - first * elementSize, layout, elementSize, (byte*)destination);
        }
        finally
        {
            NativeMemory.Free(copy);
        }
    }

    internal sealed override void ScatterFromHost(void* source, MemoryBuffer buffer, Layout layout, int elementSize)
    {
        if (layout.Count == 0) return;
        if (layout.IsContiguous)
        {
            CopyFromHost(source, buffer, layout.Offset * elementSize, layout.Count * elementSize);
            return;
        }

        (long first, long last) = layout.Extent();
        byte* copy = (byte*)NativeMemory.Alloc((nuint)((last - first + 1) * elementSize));
        try
        {
            // What lies between the places stays as it is.
            CopyToHost(buffer, first * elementSize, copy, (last - first + 1) * elementSize);
            StridedCopy.Scatter((byte*)source, copy - first * elementSize, layout, elementSize);
            CopyFromHost(copy, buffer, first * elementSize, (last - first + 1) * elementSize);
        }
        finally
        {
            NativeMemory.Free(copy);
        }
    }
}
