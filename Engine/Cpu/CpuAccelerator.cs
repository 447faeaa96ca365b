using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Gradwright;

/// <summary>The machine's processor: kernels in C# with the widest vectors it has, on all of its cores.</summary>
public sealed unsafe partial class CpuAccelerator : Accelerator
{
    private const nuint SmallAlignment = 64, HugePage = 2 << 20;
    private const int AdviseHugePages = 14, AdviseDontNeed = 4;      // MADV_HUGEPAGE, MADV_DONTNEED

    // Linux gives out address space for nothing; elsewhere it may count as used from the start.
    private const long LazySegment = 1L << 30, CommittedSegment = 32L << 20;

    private CpuAccelerator() : base(OperatingSystem.IsLinux() ? LazySegment : CommittedSegment) { }

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
            if (huge) _ = TryAdvise(pointer, (nuint)bytes, AdviseHugePages);      // without it nothing changes but speed
            return (nint)pointer;
        }
        catch (OutOfMemoryException)
        {
            return 0;
        }
    }

    internal override void FreeRaw(nint pointer, long bytes) => NativeMemory.AlignedFree((void*)pointer);

    internal override bool DiscardRaw(nint pointer, long bytes)
    {
        long page = Environment.SystemPageSize, first = (pointer + page - 1) / page * page, end = (pointer + bytes) / page * page;
        return OperatingSystem.IsLinux() && (end <= first || TryAdvise((void*)first, (nuint)(end - first), AdviseDontNeed));
    }

    private static bool TryAdvise(void* pointer, nuint bytes, int advice)
    {
        try
        {
            return Advise(pointer, bytes, advice) == 0;
        }
        catch (DllNotFoundException)
        {
            return false;       // a Linux without glibc
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
