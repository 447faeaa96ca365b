using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Between channels of contiguous elements and vectors of channels, [element][channel].</summary>
internal static unsafe class WinogradTurn<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>vectors[i][c] = channels[c · step + i] for i &lt; n; lanes c ≥ <paramref name="count"/> are zero.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void ToVectors(T* channels, nint step, int count, int n, T* vectors)
    {
        int i = 0;
        if (count == S.Count && n >= S.Count)
        {
            for (; i <= n - S.Count; i += S.Count) S.Transpose(channels + i, step, vectors + i * S.Count, S.Count);
            if (i < n) S.Transpose(channels + n - S.Count, step, vectors + (n - S.Count) * S.Count, S.Count);
            return;
        }

        for (; i < n; i += S.Count) GemmPacking<T, V, S>.TransposePart(channels + i, step, count, Math.Min(S.Count, n - i), vectors + i * S.Count, S.Count);
    }

    /// <summary>channels[c · step + i] = vectors[i][c] for i &lt; n and c &lt; <paramref name="count"/>.</summary>
    [SkipLocalsInit]
    [MethodImpl(HotLoop.Options)]
    public static void ToChannels(T* vectors, int n, T* channels, nint step, int count)
    {
        int i = 0;
        if (count == S.Count && n >= S.Count)
        {
            for (; i <= n - S.Count; i += S.Count) S.Transpose(vectors + i * S.Count, S.Count, channels + i, step);
            if (i < n) S.Transpose(vectors + (n - S.Count) * S.Count, S.Count, channels + n - S.Count, step);
            return;
        }

        T* square = stackalloc T[S.Count * S.Count];
        for (; i < n; i += S.Count)
        {
            int elements = Math.Min(S.Count, n - i);
            GemmPacking<T, V, S>.TransposePart(vectors + i * S.Count, S.Count, elements, count, square, S.Count);
            for (int c = 0; c < count; c++) S.StorePart(channels + c * step + i, elements, S.Load(square + c * S.Count));
        }
    }
}
