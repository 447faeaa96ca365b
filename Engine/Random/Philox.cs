using System.Runtime.CompilerServices;

namespace Gradwright;

/// <summary>
/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a bijection of a 128-bit counter
/// under a 64-bit key. Counter-based, so element i of a stream is computed alone, on any accelerator and any thread.
/// </summary>
public static class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>The four words of block <paramref name="counter"/> of the stream <paramref name="key"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block(ulong key, ulong counter, out uint x0, out uint x1, out uint x2, out uint x3)
        => Block(key, counter, 0, out x0, out x1, out x2, out x3);

    /// <summary>The bijection itself, of all 128 bits of the counter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Block(ulong key, ulong low, ulong high, out uint x0, out uint x1, out uint x2, out uint x3)
    {
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        (x0, x1, x2, x3) = ((uint)low, (uint)(low >> 32), (uint)high, (uint)(high >> 32));
        for (int round = 0; round < 10; round++)
        {
            ulong a = (ulong)Multiplier0 * x0, b = (ulong)Multiplier1 * x2;
            (x0, x1, x2, x3) = ((uint)(b >> 32) ^ x1 ^ k0, (uint)b, (uint)(a >> 32) ^ x3 ^ k1, (uint)a);
            k0 += Weyl0;
            k1 += Weyl1;
        }
    }
}
