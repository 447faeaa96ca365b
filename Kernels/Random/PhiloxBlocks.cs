using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gradwright.Kernels;

/// <summary>Many blocks of <see cref="Philox"/> at once: one block per 64-bit lane, the same words as block by block.</summary>
internal static unsafe class PhiloxBlocks
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>The words of blocks counter, counter + 1, …: four per block, in order.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void Fill(ulong key, ulong counter, uint* words, int blocks)
    {
        int done = 0;
        if (Avx512F.IsSupported) done = Fill<Vector512<ulong>, Wide512>(key, counter, words, blocks);
        else if (Avx2.IsSupported) done = Fill<Vector256<ulong>, Wide256>(key, counter, words, blocks);
        for (; done < blocks; done++)
        {
            uint* w = words + 4 * done;
            Philox.Block(key, counter + (ulong)done, out w[0], out w[1], out w[2], out w[3]);
        }
    }

    /// <summary>64-bit lanes that hold a 32-bit word in their lower half; what lies in the upper half is never looked at.</summary>
    private interface IWide<V>
    {
        static abstract int Count { get; }
        static abstract V Create(ulong value);

        /// <summary>first, first + 1, …</summary>
        static abstract V Count64(ulong first);

        /// <summary>The 64-bit products of the lower halves.</summary>
        static abstract V Multiply(V a, V b);
        static abstract V Xor(V a, V b, V c);
        static abstract V Upper(V a);

        /// <summary>Lower half from a, upper half from b.</summary>
        static abstract V Pair(V a, V b);
        static abstract void Store(V a, ulong* address);
    }

    [MethodImpl(HotLoop.Options)]
    private static int Fill<V, W>(ulong key, ulong counter, uint* words, int blocks) where V : struct where W : struct, IWide<V>
    {
        ulong* low = stackalloc ulong[W.Count], high = stackalloc ulong[W.Count], y = (ulong*)words;
        V m0 = W.Create(Multiplier0), m1 = W.Create(Multiplier1);
        int done = 0;
        for (; done <= blocks - W.Count; done += W.Count, y += 2 * W.Count)
        {
            uint k0 = (uint)key, k1 = (uint)(key >> 32);
            V x0 = W.Count64(counter + (ulong)done), x1 = W.Upper(x0), x2 = W.Create(0), x3 = x2;
            for (int round = 0; round < 10; round++)
            {
                V a = W.Multiply(m0, x0), b = W.Multiply(m1, x2);
                (x0, x1, x2, x3) = (W.Xor(W.Upper(b), x1, W.Create(k0)), b, W.Xor(W.Upper(a), x3, W.Create(k1)), a);
                k0 += Weyl0;
                k1 += Weyl1;
            }

            W.Store(W.Pair(x0, x1), low);
            W.Store(W.Pair(x2, x3), high);
            for (int i = 0; i < W.Count; i++) (y[2 * i], y[2 * i + 1]) = (low[i], high[i]);
        }

        return done;
    }

    private readonly struct Wide512 : IWide<Vector512<ulong>>
    {
        public static int Count => 8;
        public static Vector512<ulong> Create(ulong value) => Vector512.Create(value);
        public static Vector512<ulong> Count64(ulong first) => Vector512.Create(first) + Vector512<ulong>.Indices;
        public static Vector512<ulong> Multiply(Vector512<ulong> a, Vector512<ulong> b) => Avx512F.Multiply(a.AsUInt32(), b.AsUInt32());
        public static Vector512<ulong> Xor(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c) => a ^ b ^ c;
        public static Vector512<ulong> Upper(Vector512<ulong> a) => a >>> 32;
        public static Vector512<ulong> Pair(Vector512<ulong> a, Vector512<ulong> b) => (a & Vector512.Create((ulong)uint.MaxValue)) | (b << 32);
        public static void Store(Vector512<ulong> a, ulong* address) => a.Store(address);
    }

    private readonly struct Wide256 : IWide<Vector256<ulong>>
    {
        public static int Count => 4;
        public static Vector256<ulong> Create(ulong value) => Vector256.Create(value);
        public static Vector256<ulong> Count64(ulong first) => Vector256.Create(first) + Vector256<ulong>.Indices;
        public static Vector256<ulong> Multiply(Vector256<ulong> a, Vector256<ulong> b) => Avx2.Multiply(a.AsUInt32(), b.AsUInt32());
        public static Vector256<ulong> Xor(Vector256<ulong> a, Vector256<ulong> b, Vector256<ulong> c) => a ^ b ^ c;
        public static Vector256<ulong> Upper(Vector256<ulong> a) => a >>> 32;
        public static Vector256<ulong> Pair(Vector256<ulong> a, Vector256<ulong> b) => (a & Vector256.Create((ulong)uint.MaxValue)) | (b << 32);
        public static void Store(Vector256<ulong> a, ulong* address) => a.Store(address);
    }
}
