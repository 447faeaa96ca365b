using static Gradwright.CudaDriver;

namespace Gradwright;

/// <summary>
/// An NVIDIA GPU. Only the driver has to be there; kernels are compiled at their first use by NVRTC where it is found, or come from an archive of PTX beside the
/// program, and are kept on disk. <see cref="MemoryBuffer.Adopt"/> takes a foreign <c>CUdeviceptr</c>.
/// </summary>
public sealed unsafe class CudaAccelerator : GpuAccelerator
{
    private readonly CudaStaging _staging;

    private CudaAccelerator(string name, CudaDevice device, nint context) : base(name, device.Traits)
    {
        Context = context;
        _staging = new(this);
    }

    /// <summary>The <c>CUcontext</c>: the device's primary one, unless it is adopted.</summary>
    public nint Context { get; }

    /// <summary>An accelerator in somebody else's context, whose default stream is somebody else's. Both must outlive it; they are not destroyed by it.</summary>
    /// <param name="name">How messages call it.</param>
    /// <param name="context">A <c>CUcontext</c>.</param>
    /// <param name="stream">A <c>CUstream</c> (or <c>cudaStream_t</c>) of that context; 0 for its default stream.</param>
    /// <exception cref="AcceleratorException">There is no driver here, or the stream does not belong to the context.</exception>
    public static CudaAccelerator Adopt(string name, nint context, nint stream)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (CudaSurvey.Missing() is { } reason) throw new AcceleratorException($"{name}: {reason}");
        if (context == 0) throw new AcceleratorException($"{name}: the context is null. cuCtxGetCurrent gives the one that a thread uses.");
        using CudaContext entered = new(context, name);
        const int FirstHandle = 3;          // 0, 1 and 2 stand for default streams, which every context has
        nint owner = context;
        if (stream >= FirstHandle) Check(cuStreamGetCtx(stream, &owner), name);
        if (owner != context) throw new AcceleratorException($"{name}: the stream belongs to another context than the one given.");
        int device;
        Check(cuCtxGetDevice(&device), name);
        CudaAccelerator accelerator = new(name, CudaDevice.Describe(device, name), context);
        accelerator.Register(new CudaStream(accelerator, stream, isForeign: true));
        return accelerator;
    }

    /// <summary>The accelerator of the N-th device, in its primary context, which the CUDA runtime's libraries use as well.</summary>
    internal static CudaAccelerator Create(int index, CudaDevice device)
    {
        string name = $"cuda:{index}";
        nint context;
        Check(cuDevicePrimaryCtxRetain(&context, device.Handle), name);
        try
        {
            CudaAccelerator accelerator = new(name, device, context);
            accelerator.Register(accelerator.NewStream());
            return accelerator;
        }
        catch
        {
            _ = cuDevicePrimaryCtxRelease_v2(device.Handle);
            throw;
        }
    }

    /// <summary>Makes this accelerator's context the thread's own for the length of a brace.</summary>
    internal CudaContext Enter() => new(Context, Name);

    internal override void CopyFromHost(void* source, MemoryBuffer destination, long offset, long bytes)
    {
        if (bytes == 0) return;
        GpuStream stream = CurrentStream;
        Order(stream, destination, written: true);
        _staging.Upload((CudaStream)stream, (byte*)source, destination.Pointer + (nint)offset, bytes);
    }

    internal override void CopyFromPinned(nint source, MemoryBuffer destination, long offset, long bytes)
    {
        if (bytes == 0) return;
        GpuStream stream = CurrentStream;
        Order(stream, destination, written: true);
        CopyAsync((CudaStream)stream, (void*)source, destination.Pointer + (nint)offset, bytes);
    }

    /// <summary>Hands a copy from pinned memory to the stream.</summary>
    internal void CopyAsync(CudaStream stream, void* source, nint destination, long bytes)
    {
        using CudaContext context = Enter();
        Check(cuMemcpyHtoDAsync_v2(destination, source, (nuint)bytes, stream.Handle), Name);
    }

    internal override void CopyToHost(MemoryBuffer source, long offset, void* destination, long bytes)
    {
        if (bytes == 0) return;
        GpuStream stream = CurrentStream;
        Order(stream, source, written: false);
        Read((CudaStream)stream, source.Pointer + (nint)offset, destination, bytes);
        Faults.ThrowIfAny(stream);
    }

    internal override void ReadRaw(MemoryBuffer source, void* destination, long bytes) => Read((CudaStream)CurrentStream, source.Pointer, destination, bytes);

    private void Read(CudaStream stream, nint source, void* destination, long bytes)
    {
        using CudaContext context = Enter();
        Check(cuMemcpyDtoHAsync_v2(destination, source, (nuint)bytes, stream.Handle), Name);
        Check(cuStreamSynchronize(stream.Handle), Name);
    }

    internal override void Fill(MemoryBuffer buffer, long offset, long count, int elementSize, ulong pattern)
    {
        if (count == 0) return;
        if (elementSize == 8 && (uint)pattern != pattern >> 32)
        {
            FillKernel.Run(this, buffer, offset / 8, count, pattern);
            return;
        }

        GpuStream stream = CurrentStream;
        Order(stream, buffer, written: true);
        nint first = buffer.Pointer + (nint)offset, handle = ((CudaStream)stream).Handle;
        using CudaContext context = Enter();
        Check(elementSize switch
        {
            1 => cuMemsetD8Async(first, (byte)pattern, (nuint)count, handle),
            2 => cuMemsetD16Async(first, (ushort)pattern, (nuint)count, handle),
            4 => cuMemsetD32Async(first, (uint)pattern, (nuint)count, handle),
            _ => cuMemsetD32Async(first, (uint)pattern, (nuint)count * 2, handle),
        }, Name, "cuMemsetAsync()");
    }

    internal override nint AllocateRaw(long bytes)
    {
        using CudaContext context = Enter();
        nint pointer;
        int status = cuMemAlloc_v2(&pointer, (nuint)bytes);
        if (status == OutOfMemory) return 0;
        Check(status, Name, "cuMemAlloc_v2()");
        return pointer;
    }

    internal override void FreeRaw(nint pointer, long bytes)
    {
        // Kernels that are still to come may use it.
        FinishAll();
        using CudaContext context = Enter();
        Check(cuMemFree_v2(pointer), Name);
    }

    internal override nint AllocatePinned(long bytes)
    {
        using CudaContext context = Enter();
        void* pointer;
        Check(cuMemHostAlloc(&pointer, (nuint)Math.Max(1, bytes), HostAllocatePortable), Name);
        return (nint)pointer;
    }

    internal override void FreePinned(nint pointer)
    {
        using CudaContext context = Enter();
        Check(cuMemFreeHost((void*)pointer), Name);
    }

    private protected override GpuStream NewStream()
    {
        using CudaContext context = Enter();
        nint stream;
        Check(cuStreamCreate(&stream, StreamNonBlocking), Name);
        return new CudaStream(this, stream, isForeign: false);
    }

    private protected override GpuKernel Compile(KernelSpec spec) => CudaKernel.Compile(this, spec);
}
