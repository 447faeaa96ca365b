using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>Elements in front of and behind an axis.</summary>
public readonly record struct Border(long Before, long After)
{
    public long Total => Before + After;
}

/// <summary>An axis with a border of its own elements, as <c>edge_pad.cuh</c> declares it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct EdgeAxis(long length, Border border)
{
    public readonly long Length = length, Before = border.Before, After = border.After;

    public long Padded => Length + Before + After;

    /// <summary>What place <paramref name="at"/> of the padded axis shows.</summary>
    public long Source(long at, bool reflects)
    {
        long p = at - Before;
        if (!reflects) return Math.Clamp(p, 0, Length - 1);
        return p < 0 ? -p : p >= Length ? 2 * (Length - 1) - p : p;
    }

    /// <summary>Number of places to ask <see cref="Place"/> for.</summary>
    public long Places(long j, bool reflects) => reflects ? 3 : 1 + (j == 0 ? Before : 0) + (j == Length - 1 ? After : 0);

    /// <summary>The k-th place of the padded axis that shows element j; −1 for none.</summary>
    public long Place(long k, long j, bool reflects)
    {
        if (!reflects) return (j == 0 ? 0 : Before + j) + k;
        return k switch
        {
            0 => Before + j,
            1 => j >= 1 && j <= Before ? Before - j : -1,
            _ => j <= Length - 2 && j >= Length - 1 - After ? Before + 2 * (Length - 1) - j : -1,
        };
    }
}
