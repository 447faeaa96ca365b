using System.Runtime.Intrinsics.X86;

namespace Gradwright.Kernels;

/// <summary>The size of the processor's largest cache, asked once.</summary>
internal static class LastLevelCache
{
    private const long Assumed = 32L << 20;     // where the processor does not tell
    private const int Intel = 4, Amd = unchecked((int)0x8000001D), Leaves = 16;

    /// <summary>Bytes of the largest data cache that a core reaches.</summary>
    public static long Bytes { get; } = Measure();

    private static long Measure()
    {
        if (!X86Base.IsSupported) return Assumed;
        long size = Math.Max(Largest(Intel), Largest(Amd));
        return size > 0 ? size : Assumed;
    }

    /// <summary>One sub-leaf of the instruction CPUID per cache: both makers describe them in the same bits, each in a leaf of its own.</summary>
    private static long Largest(int leaf)
    {
        const uint ExtendedRange = 0x80000000;
        uint range = (uint)leaf & ExtendedRange;
        if ((uint)X86Base.CpuId((int)range, 0).Eax < (uint)leaf) return 0;
        long largest = 0;
        for (int i = 0; i < Leaves; i++)
        {
            (int eax, int ebx, int ecx, _) = X86Base.CpuId(leaf, i);
            int kind = eax & 31;                    // 0 none, 1 data, 2 instructions, 3 both
            if (kind == 0) break;
            long line = (ebx & 0xFFF) + 1, partitions = ((uint)ebx >> 12 & 0x3FF) + 1, ways = ((uint)ebx >> 22) + 1, sets = (uint)ecx + 1L;
            if (kind != 2) largest = Math.Max(largest, line * partitions * ways * sets);
        }

        return largest;
    }
}
