using System.Collections.Concurrent;
using static Gradwright.OpenClDriver;

namespace Gradwright;

/// <summary>
/// Any device with OpenCL 1.2 or later. Kernels are compiled by its driver at their first use and kept on disk. <see cref="MemoryBuffer.Adopt"/> takes a
/// foreign <c>cl_mem</c> of the same context.
/// </summary>
public sealed unsafe class OpenClAccelerator : GpuAccelerator
{
    private readonly OpenClDevice _device;
    private readonly ConcurrentDictionary<nint, nint> _pinned = new();      // mapped addresses and the memory objects that they belong to

    private OpenClAccelerator(string name, OpenClDevice device, nint context, nint queue) : base(name, device.Traits)
    {
        (_device, Context) = (device, context);
        if (queue == 0) Register(NewStream());
        else
        {
            Check(clRetainCommandQueue(queue), name);
            Register(new OpenClStream(this, queue));
        }
    }

    /// <summary>The <c>cl_context</c>.</summary>
    public nint Context { get; }

    internal nint Device => _device.Handle;

    /// <summary>An accelerator in somebody else's context, whose default stream is somebody else's in-order queue. Both are retained.</summary>
    /// <param name="name">How messages call it.</param>
    /// <param name="context">A <c>cl_context</c>.</param>
    /// <param name="queue">A <c>cl_command_queue</c> of that context.</param>
    /// <exception cref="AcceleratorException">There is no OpenCL here, or the queue does not belong to the context.</exception>
    public static OpenClAccelerator Adopt(string name, nint context, nint queue)
    {
        if (!NativeLibraries.IsFound(NativeLibraries.OpenCl)) throw new AcceleratorException($"{name}: no OpenCL library was found. {OpenClSurvey.Remedy}");
        nint device = 0, owner = 0;
        Check(clGetCommandQueueInfo(queue, QueueContext, (nuint)sizeof(nint), &owner, null), name);
        Check(clGetCommandQueueInfo(queue, QueueDevice, (nuint)sizeof(nint), &device, null), name);
        if (owner != context) throw new AcceleratorException($"{name}: the command queue belongs to another context than the one given.");
        Check(clRetainContext(context), name);
        return new(name, OpenClDevice.Describe(0, device), context, queue);
    }

    /// <summary>The accelerator of the N-th device.</summary>
    internal static OpenClAccelerator Create(int index, OpenClDevice device)
    {
        string name = $"opencl:{index}";
        nint handle = device.Handle;
        int status;
        nint context = clCreateContext(null, 1, &handle, 0, 0, &status);
        Check(status, name, "clCreateContext()");
        return new(name, device, context, 0);
    }

    internal override void CopyFromHost(void* source, MemoryBuffer destination, long offset, long bytes)
    {
        if (bytes == 0) return;
        GpuStream stream = CurrentStream;
        Order(stream, destination, written: true);
        Check(clEnqueueWriteBuffer(((OpenClStream)stream).Queue, destination.Pointer, 1, (nuint)offset, (nuint)bytes, source, 0, null, null), Name);
    }

    internal override void CopyToHost(MemoryBuffer source, long offset, void* destination, long bytes)
    {
        if (bytes == 0) return;
        GpuStream stream = CurrentStream;
        Order(stream, source, written: false);
        Check(clEnqueueReadBuffer(((OpenClStream)stream).Queue, source.Pointer, 1, (nuint)offset, (nuint)bytes, destination, 0, null, null), Name);
        Faults.ThrowIfAny(stream);
    }

    internal override void ReadRaw(MemoryBuffer source, void* destination, long bytes)
        => Check(clEnqueueReadBuffer(((OpenClStream)CurrentStream).Queue, source.Pointer, 1, 0, (nuint)bytes, destination, 0, null, null), Name);

    internal override void Fill(MemoryBuffer buffer, long offset, long count, int elementSize, ulong pattern)
    {
        if (count == 0) return;
        GpuStream stream = CurrentStream;
        Order(stream, buffer, written: true);
        Check(clEnqueueFillBuffer(((OpenClStream)stream).Queue, buffer.Pointer, &pattern, (nuint)elementSize, (nuint)offset, (nuint)(count * elementSize), 0, null, null), Name);
    }

    internal override nint AllocateRaw(long bytes)
    {
        if (bytes > Traits.MaxAllocation || Pool.ReservedBytes + bytes > Traits.Memory) return 0;
        int status;
        nint memory = clCreateBuffer(Context, MemoryReadWrite, (nuint)bytes, null, &status);
        return status == 0 ? memory : 0;
    }

    // The driver keeps it until the commands that use it are done.
    internal override void FreeRaw(nint pointer, long bytes) => Check(clReleaseMemObject(pointer), Name);

    internal override nint AllocatePinned(long bytes)
    {
        int status;
        nuint size = (nuint)Math.Max(1, bytes);
        nint memory = clCreateBuffer(Context, MemoryReadWrite | MemoryAllocateHost, size, null, &status);
        Check(status, Name, "clCreateBuffer()");
        void* mapped = clEnqueueMapBuffer(((OpenClStream)DefaultStream).Queue, memory, 1, MapRead | MapWrite, 0, size, 0, null, null, &status);
        if (status != 0) _ = clReleaseMemObject(memory);
        Check(status, Name, "clEnqueueMapBuffer()");
        _pinned[(nint)mapped] = memory;
        return (nint)mapped;
    }

    internal override void FreePinned(nint pointer)
    {
        if (!_pinned.TryRemove(pointer, out nint memory)) throw new ArgumentException($"{Name}: this is not pinned memory of the accelerator.");
        Check(clEnqueueUnmapMemObject(((OpenClStream)DefaultStream).Queue, memory, (void*)pointer, 0, null, null), Name);
        Check(clReleaseMemObject(memory), Name);
    }

    internal override void CopyFromPinned(nint source, MemoryBuffer destination, long offset, long bytes)
    {
        if (bytes == 0) return;
        GpuStream stream = CurrentStream;
        Order(stream, destination, written: true);
        Check(clEnqueueWriteBuffer(((OpenClStream)stream).Queue, destination.Pointer, 0, (nuint)offset, (nuint)bytes, (void*)source, 0, null, null), Name);
    }

    private protected override GpuStream NewStream()
    {
        int status;
        nint queue = clCreateCommandQueue(Context, Device, 0, &status);
        Check(status, Name, "clCreateCommandQueue()");
        return new OpenClStream(this, queue);
    }

    private protected override GpuKernel Compile(KernelSpec spec) => OpenClKernel.Compile(this, spec, _device.RoundsDivisions);
}
