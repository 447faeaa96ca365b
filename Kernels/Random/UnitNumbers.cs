using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>From random words to numbers between 0 and 1: a float takes the upper 24 bits, a double all 32, so that both draw the same number to within 2⁻²⁴.</summary>
internal static unsafe class UnitNumbers
{
    /// <summary>k · 2⁻²⁴ or k · 2⁻³², in [0, 1).</summary>
    [MethodImpl(HotLoop.Options)]
    public static void Fill<T>(uint* words, T* u, int n) where T : unmanaged
    {
        int i = 0;
        if (typeof(T) == typeof(double))
        {
            for (; i < n; i++) ((double*)u)[i] = words[i] * (1.0 / (1L << 32));
            return;
        }

        Vector<float> scale = new(1f / (1 << 24));
        for (; i <= n - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Store(Vector.ConvertToSingle(Vector.AsVectorInt32(Vector.ShiftRightLogical(Vector.Load(words + i), 8))) * scale, (float*)u + i);
        for (; i < n; i++) ((float*)u)[i] = (int)(words[i] >> 8) * (1f / (1 << 24));
    }

    /// <summary>The distance of two neighbours.</summary>
    public static double Step<T>() => typeof(T) == typeof(double) ? 1.0 / (1L << 32) : 1.0 / (1 << 24);
}
