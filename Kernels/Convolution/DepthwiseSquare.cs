using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Depthwise filters of 3×3 elements with stride 1, on a plane with its border: what neighbouring rows have in common is loaded once. Loads that cross cache lines
/// bound the time, not products.
/// </summary>
internal static unsafe class DepthwiseSquare<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>y = bias + correlation of the plane with nine <paramref name="weights"/>, four rows at a time.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void Correlate(in WindowPlane plane, T* x, T* weights, T bias, T* y)
    {
        int width = plane.OutputWidth, height = plane.OutputHeight;
        nint line = plane.RowLength;
        V start = S.Broadcast(bias);
        int i = 0;
        for (; i <= height - 4; i += 4, x += 4 * line, y += 4 * width)
        {
            for (int j = 0; j < width; j = Next(j, width))
            {
                V sum0 = start, sum1 = start, sum2 = start, sum3 = start;
                T* at = x + j, w = weights;
                for (int s = 0; s < 3; s++, at++, w++)
                {
                    V top = S.Broadcast(w[0]), middle = S.Broadcast(w[3]), bottom = S.Broadcast(w[6]), row = S.Load(at);
                    sum0 = S.MultiplyAdd(top, row, sum0);
                    row = S.Load(at + line);
                    sum0 = S.MultiplyAdd(middle, row, sum0);
                    sum1 = S.MultiplyAdd(top, row, sum1);
                    row = S.Load(at + 2 * line);
                    sum0 = S.MultiplyAdd(bottom, row, sum0);
                    sum1 = S.MultiplyAdd(middle, row, sum1);
                    sum2 = S.MultiplyAdd(top, row, sum2);
                    row = S.Load(at + 3 * line);
                    sum1 = S.MultiplyAdd(bottom, row, sum1);
                    sum2 = S.MultiplyAdd(middle, row, sum2);
                    sum3 = S.MultiplyAdd(top, row, sum3);
                    row = S.Load(at + 4 * line);
                    sum2 = S.MultiplyAdd(bottom, row, sum2);
                    sum3 = S.MultiplyAdd(middle, row, sum3);
                    sum3 = S.MultiplyAdd(bottom, S.Load(at + 5 * line), sum3);
                }

                Lanes.Store<T, V, S>(y + j, width - j, sum0);
                Lanes.Store<T, V, S>(y + width + j, width - j, sum1);
                Lanes.Store<T, V, S>(y + 2 * width + j, width - j, sum2);
                Lanes.Store<T, V, S>(y + 3 * width + j, width - j, sum3);
            }
        }

        for (; i < height; i++, x += line, y += width)
        {
            for (int j = 0; j < width; j = Next(j, width))
            {
                V sum = start;
                for (int s = 0; s < 3; s++)
                {
                    sum = S.MultiplyAdd(S.Broadcast(weights[s]), S.Load(x + j + s), sum);
                    sum = S.MultiplyAdd(S.Broadcast(weights[3 + s]), S.Load(x + line + j + s), sum);
                    sum = S.MultiplyAdd(S.Broadcast(weights[6 + s]), S.Load(x + 2 * line + j + s), sum);
                }

                Lanes.Store<T, V, S>(y + j, width - j, sum);
            }
        }
    }

    /// <summary>Adds to nine vectors of <paramref name="sums"/> the products of a plane of the gradient with what each element of the filter reads.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void AddProducts(in WindowPlane plane, T* x, T* gradient, T* sums)
    {
        int width = plane.OutputWidth, height = plane.OutputHeight, whole = width - width % S.Count, rest = width - whole;
        nint line = plane.RowLength;
        V s0 = S.Load(sums), s1 = S.Load(sums + S.Count), s2 = S.Load(sums + 2 * S.Count), s3 = S.Load(sums + 3 * S.Count), s4 = S.Load(sums + 4 * S.Count);
        V s5 = S.Load(sums + 5 * S.Count), s6 = S.Load(sums + 6 * S.Count), s7 = S.Load(sums + 7 * S.Count), s8 = S.Load(sums + 8 * S.Count);
        for (int i = 0; i < height; i++, x += line, gradient += width)
        {
            T* second = x + line, third = second + line;
            for (int j = 0; j < whole; j += S.Count)
            {
                V g = S.Load(gradient + j);
                s0 = S.MultiplyAdd(g, S.Load(x + j), s0);
                s1 = S.MultiplyAdd(g, S.Load(x + j + 1), s1);
                s2 = S.MultiplyAdd(g, S.Load(x + j + 2), s2);
                s3 = S.MultiplyAdd(g, S.Load(second + j), s3);
                s4 = S.MultiplyAdd(g, S.Load(second + j + 1), s4);
                s5 = S.MultiplyAdd(g, S.Load(second + j + 2), s5);
                s6 = S.MultiplyAdd(g, S.Load(third + j), s6);
                s7 = S.MultiplyAdd(g, S.Load(third + j + 1), s7);
                s8 = S.MultiplyAdd(g, S.Load(third + j + 2), s8);
            }

            if (rest == 0) continue;

            // Parts of both operands: zeros of one alone would not keep out a NaN of the next row.
            V end = S.LoadPart(gradient + whole, rest);
            T* a = x + whole, b = second + whole, c = third + whole;
            s0 = S.MultiplyAdd(end, S.LoadPart(a, rest), s0);
            s1 = S.MultiplyAdd(end, S.LoadPart(a + 1, rest), s1);
            s2 = S.MultiplyAdd(end, S.LoadPart(a + 2, rest), s2);
            s3 = S.MultiplyAdd(end, S.LoadPart(b, rest), s3);
            s4 = S.MultiplyAdd(end, S.LoadPart(b + 1, rest), s4);
            s5 = S.MultiplyAdd(end, S.LoadPart(b + 2, rest), s5);
            s6 = S.MultiplyAdd(end, S.LoadPart(c, rest), s6);
            s7 = S.MultiplyAdd(end, S.LoadPart(c + 1, rest), s7);
            s8 = S.MultiplyAdd(end, S.LoadPart(c + 2, rest), s8);
        }

        S.Store(sums, s0);
        S.Store(sums + S.Count, s1);
        S.Store(sums + 2 * S.Count, s2);
        S.Store(sums + 3 * S.Count, s3);
        S.Store(sums + 4 * S.Count, s4);
        S.Store(sums + 5 * S.Count, s5);
        S.Store(sums + 6 * S.Count, s6);
        S.Store(sums + 7 * S.Count, s7);
        S.Store(sums + 8 * S.Count, s8);
    }

    /// <summary>The next vector's first column: the last vector ends with the row, over part of the one before, unless the row is shorter than a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Next(int j, int width) => j + S.Count >= width ? width : Math.Min(j + S.Count, width - S.Count);
}
