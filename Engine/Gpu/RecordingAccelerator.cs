using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Gradwright;

/// <summary>
/// A GPU that is not there: its memory is the host's, and reads as zeros; kernels that are launched on it are noted and not run. So one learns which specialisations a program
/// needs, for any device, without having it.
/// </summary>
internal sealed unsafe class RecordingAccelerator : GpuAccelerator
{
    private readonly ConcurrentDictionary<KernelSpec, byte> _launched = new();

    /// <param name="traits">The device that programs find.</param>
    public RecordingAccelerator(GpuTraits traits) : base("recording:0", traits) => Register(NewStream());

    /// <summary>Every specialisation that was launched so far, in the order in which they were made.</summary>
    public IReadOnlyList<KernelSpec> Launched => [.. _launched.Keys.OrderBy(spec => spec.Index)];

    /// <summary>The traits of a CUDA device of some compute capability.</summary>
    public static GpuTraits Cuda(int capability) => new()
    {
        Api = "CUDA", Device = $"none, of compute capability {capability / 10}.{capability % 10}", Driver = "none", Capability = capability,
        Units = 108, MaxGroupSize = 1024, SharedMemory = capability >= 90 ? 227 << 10 : 163 << 10, Memory = long.MaxValue,
    };

    internal override void CopyFromHost(void* source, MemoryBuffer destination, long offset, long bytes)
        => Buffer.MemoryCopy(source, (byte*)destination.Pointer + offset, bytes, bytes);

    internal override void CopyFromPinned(nint source, MemoryBuffer destination, long offset, long bytes) => CopyFromHost((void*)source, destination, offset, bytes);

    // Results are not there, and memory that is used again holds what somebody else uploaded: whoever reads gets zeros.
    internal override void CopyToHost(MemoryBuffer source, long offset, void* destination, long bytes) => NativeMemory.Clear(destination, (nuint)bytes);

    internal override void ReadRaw(MemoryBuffer source, void* destination, long bytes) => CopyToHost(source, 0, destination, bytes);

    // What is never written stays zero; a program that only wants to be noted does not look. The pattern that CUDA's driver cannot write needs a kernel there.
    internal override void Fill(MemoryBuffer buffer, long offset, long count, int elementSize, ulong pattern)
    {
        if (elementSize == 8 && (uint)pattern != pattern >> 32) FillKernel.Run(this, buffer, offset / 8, count, pattern);
    }

    internal override nint AllocateRaw(long bytes)
    {
        try
        {
            return (nint)NativeMemory.AllocZeroed((nuint)bytes);
        }
        catch (OutOfMemoryException)
        {
            return 0;
        }
    }

    internal override void FreeRaw(nint pointer, long bytes) => NativeMemory.Free((void*)pointer);

    internal override nint AllocatePinned(long bytes) => AllocateRaw(bytes);

    internal override void FreePinned(nint pointer) => FreeRaw(pointer, 0);

    private protected override GpuStream NewStream() => new NoStream(this);

    private protected override GpuKernel Compile(KernelSpec spec) => new Recorder(this, spec);

    private sealed class Recorder(RecordingAccelerator accelerator, KernelSpec spec) : GpuKernel(spec)
    {
        private const long Cleared = 64 << 10;

        public override void Enqueue(GpuStream stream, LaunchSize size, ref KernelArguments arguments)
        {
            accelerator._launched.TryAdd(Spec, 0);
            // What the host reads and goes by, such as a count, is small: it finds zeros, not what lay there before.
            for (int i = 0; i < arguments.BufferCount; i++)
                if (arguments.IsWritten(i)) NativeMemory.Clear((void*)arguments.Buffer(i).Pointer, (nuint)Math.Min(Cleared, arguments.Buffer(i).Length));
        }
    }

    private sealed class NoStream(RecordingAccelerator accelerator) : GpuStream(accelerator)
    {
        public override void WaitFor(GpuStream other) { }

        internal override void Finish() { }

        internal override void Release() { }

        internal override GpuMark Mark() => new Done();
    }

    private sealed class Done : GpuMark
    {
        public override void Wait() { }

        public override void Dispose() { }
    }
}
