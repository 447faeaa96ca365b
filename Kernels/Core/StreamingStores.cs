using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Gradwright.Kernels;

/// <summary>
/// Stores that go past the caches. An ordinary store first reads the line that it is about to overwrite; where the result is too large to be found in a cache
/// afterwards, that third of the traffic is for nothing. They leave the order of memory: a task that used them ends with <see cref="Fence"/>.
/// </summary>
internal static unsafe class StreamingStores
{
    /// <summary>
    /// Bytes of a result from which on it is streamed: half of the last-level cache. (A normalisation of 6 MB followed by a ReLU lost a third by streaming, one of
    /// 26 MB won a third; the cache had 32 MB.) The bits of a result do not depend on it.
    /// </summary>
    public static long From { get; set; } = LastLevelCache.Bytes / 2;

    /// <summary>Whether a result of so many bytes is streamed.</summary>
    public static bool Pay(long bytes) => Sse.IsSupported && bytes >= From;

    /// <summary>Whether <paramref name="rows"/> rows of a result are streamed, which lie one after the other: each must begin at a whole vector.</summary>
    /// <param name="y">The result, or null if it is not a candidate.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    /// <param name="vectorBytes">Bytes of a vector.</param>
    public static bool PayInRows(void* y, long rows, long rowBytes, int vectorBytes)
        => y != null && Pay(rows * rowBytes) && rowBytes % vectorBytes == 0 && (nint)y % vectorBytes == 0;

    /// <summary>Stores a vector past the caches, at a whole vector's address, or in the usual way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T, V, S>(T* y, V value, bool streams) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        if (streams) S.StoreNonTemporal(y, value);
        else S.Store(y, value);
    }

    /// <summary>Makes what this thread streamed visible to the others before anything that it stores from now on.</summary>
    public static void Fence()
    {
        if (Sse.IsSupported) Sse.StoreFence();
    }

    /// <summary>Copies <paramref name="n"/> bytes; the two ranges do not overlap.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void Copy(byte* from, byte* to, long n)
    {
        long i = Math.Min(n, -(nint)to & (Vector<byte>.Count - 1));
        Buffer.MemoryCopy(from, to, i, i);
        for (; i <= n - Vector<byte>.Count; i += Vector<byte>.Count) Vector.StoreAlignedNonTemporal(Vector.Load(from + i), to + i);
        Buffer.MemoryCopy(from + i, to + i, n - i, n - i);
    }
}
