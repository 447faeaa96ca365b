using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Gradwright;

/// <summary>The machine's processor: kernels in C# with the widest vectors it has, on all of its cores.</summary>
public sealed unsafe partial class CpuAccelerator : Accelerator
{
    private const nuint SmallAlignment = 64, HugePage = 2 << 20;
    private const int AdviseHugePages = 14;         // MADV_HUGEPAGE

    private CpuAccelerator() { }

    /// <summary>The one CPU accelerator.</summary>
    public static CpuAccelerator Instance { get; } = new();

    public override string Name => "cpu";

    public override string Description
        => $"{Environment.ProcessorCount} logical cores, {(Vector512.IsHardwareAccelerated ? "512-bit" : Vector256.IsHardwareAccelerated ? "256-bit" : Vector128.IsHardwareAccelerated ? "128-bit" : "no")} vectors";

    /// <summary>Returns at once: CPU kernels have finished when the call that started them returns.</summary>
    public override void Synchronize() { }

    internal override void CopyFromHost(void* source, MemoryBuffer destination, long offset, long bytes)
        => Buffer.MemoryCopy(source, (byte*)destination.Pointer + offset, bytes, bytes);

    internal override void CopyToHost(MemoryBuffer source, long offset, void* destination, long bytes)
        => Buffer.MemoryCopy((byte*)source.Pointer + offset, destination, bytes, bytes);

    internal override void GatherToHost(MemoryBuffer buffer, Layout layout, int elementSize, void* destination)
        => StridedCopy.Gather((byte*)buffer.Pointer, layout, elementSize, (byte*)destination);

    internal override void ScatterFromHost(void* source, MemoryBuffer buffer, Layout layout, int elementSize)
        => StridedCopy.Scatter((byte*)source, (byte*)buffer.Pointer, layout, elementSize);

    internal override void Fill(MemoryBuffer buffer, long offset, long count, int elementSize, ulong pattern)
    {
        byte* first = (byte*)buffer.Pointer + offset;
        switch (elementSize)
        {
            case 1: Fill(first, count, (byte)pattern); break;
            case 2: Fill((ushort*)first, count, (ushort)pattern); break;
            case 4: Fill((uint*)first, count, (uint)pattern); break;
            default: Fill((ulong*)first, count, pattern); break;
        }
    }

    /// <summary>The run may exceed a span's length.</summary>
    private static void Fill<T>(T* first, long count, T value) where T : unmanaged
    {
        const int Most = 1 << 30;
        for (long done = 0; done < count; done += Most) new Span<T>(first + done, (int)Math.Min(count - done, Most)).Fill(value);
    }

    internal override nint AllocateRaw(long bytes)
    {
        // First touch of fresh memory costs a page fault per 4 KB; huge pages make it eight times cheaper.
        bool huge = bytes >= 2 * (long)HugePage && OperatingSystem.IsLinux();
        try
        {
            void* pointer = NativeMemory.AlignedAlloc((nuint)bytes, huge ? HugePage : SmallAlignment);
            if (huge) AdviseHuge(pointer, (nuint)bytes);
            return (nint)pointer;
        }
        catch (OutOfMemoryException)
        {
            return 0;
        }
    }

    internal override void FreeRaw(nint pointer, long bytes) => NativeMemory.AlignedFree((void*)pointer);

    // Advice only: a system that does not take it changes nothing but speed.
    private static void AdviseHuge(void* pointer, nuint bytes)
    {
        try
        {
            _ = Advise(pointer, bytes, AdviseHugePages);
        }
        catch (DllNotFoundException)
        {
            // A Linux without glibc: ordinary pages.
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
