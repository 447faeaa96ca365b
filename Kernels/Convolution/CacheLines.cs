namespace Gradwright.Kernels;

/// <summary>Distances in memory, in elements, of which a cache line has 16 in single precision.</summary>
internal static class CacheLines
{
    private const int Line = 16;

    /// <summary>Room for <paramref name="elements"/> in whole lines.</summary>
    public static nint Whole(nint elements) => (elements + Line - 1) / Line * Line;

    /// <summary>The same in an odd number of lines: with an even one, what lies one distance after the other would fall on the same few cache sets.</summary>
    public static nint Odd(nint elements) => ((elements + Line - 1) / Line | 1) * Line;
}
