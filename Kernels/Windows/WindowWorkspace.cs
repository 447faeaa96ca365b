using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>A thread's memory for planes and columns: grows to what was asked for, and is kept as long as the thread lives.</summary>
internal sealed unsafe class WindowWorkspace
{
    private const int Alignment = 4096;

    [ThreadStatic] private static WindowWorkspace? _current;

    private void* _memory;
    private nint _bytes;

    ~WindowWorkspace() => NativeMemory.AlignedFree(_memory);

    /// <summary>At least so many bytes, with undefined contents; the next call on this thread hands out the same ones.</summary>
    public static void* Rent(nint bytes)
    {
        WindowWorkspace workspace = _current ??= new();
        if (bytes > workspace._bytes)
        {
            NativeMemory.AlignedFree(workspace._memory);
            workspace._memory = null;
            workspace._bytes = 0;
            workspace._memory = NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
            workspace._bytes = bytes;
        }

        return workspace._memory;
    }
}
