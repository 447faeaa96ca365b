using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Between images and columns: the matrix [channels · R · S, pixels] of what each output pixel of a strip reads. It exists only in a thread's
/// workspace, a strip at a time; a convolution is then a matrix product.
/// </summary>
internal static unsafe class ConvolutionColumns<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>Distance between rows of columns: room for the last vector, and an odd number of cache lines against set conflicts.</summary>
    public static nint Row(int pixels)
    {
        int line = 64 / sizeof(T), lines = (pixels + S.Count - 1 + line - 1) / line;
        return (lines | 1) * line;
    }

    /// <summary>The columns of output pixels first..first+pixels-1.</summary>
    /// <returns>Where they lie, <paramref name="row"/> elements from row to row.</returns>
    public static T* Gather(in ConvolutionShape p, T* image, int channels, int first, int pixels, out nint row)
    {
        WindowPlane w = p.Plane;
        if (p.IsPointwise)
        {
            row = w.ImagePixels;
            return image + first;
        }

        int line = first / w.OutputWidth, rows = w.RowsFor((first + pixels - 1) / w.OutputWidth - line + 1);
        nint plane = (nint)rows * w.RowLength, slack = 2 * S.Count;
        row = Row(pixels);
        T* planes = (T*)WindowWorkspace.Rent((channels * (plane + p.Taps * row) + 2 * slack) * sizeof(T)), columns = planes + channels * plane + slack;
        for (int c = 0; c < channels; c++)
            PlaneCopy<T, V, S>.Load(w, image + (nint)c * w.ImagePixels, line * w.Vertical.Stride, rows, planes + c * plane, default);
        Walk<GatherMove>(w, planes, plane, channels, first % w.OutputWidth, pixels, columns, row);
        return columns;
    }

    /// <summary>Room for columns of a strip, behind <paramref name="planes"/> of a whole image filled with zeros.</summary>
    public static T* Start(in ConvolutionShape p, int channels, int pixels, out T* planes, out nint row)
    {
        WindowPlane w = p.Plane;
        nint plane = (nint)w.RowsFor(w.OutputHeight) * w.RowLength;
        row = Row(pixels);
        planes = (T*)WindowWorkspace.Rent((channels * (plane + p.Taps * row) + 2 * S.Count) * sizeof(T));
        new Span<byte>(planes, checked((int)(channels * plane * sizeof(T)))).Clear();
        return planes + channels * plane;
    }

    /// <summary>Adds the columns of output pixels first..first+pixels-1 to the planes of a whole image.</summary>
    public static void Scatter(in ConvolutionShape p, T* columns, nint row, int channels, int first, int pixels, T* planes)
    {
        WindowPlane w = p.Plane;
        nint plane = (nint)w.RowsFor(w.OutputHeight) * w.RowLength;
        Walk<ScatterMove>(w, planes + first / w.OutputWidth * w.OutputStep, plane, channels, first % w.OutputWidth, pixels, columns, row);
    }

    /// <summary>The planes of a whole image, without border, to the image.</summary>
    public static void Finish(in ConvolutionShape p, T* planes, int channels, T* image)
    {
        WindowPlane w = p.Plane;
        int rows = w.RowsFor(w.OutputHeight);
        for (int c = 0; c < channels; c++)
            PlaneCopy<T, V, S>.Store(w, planes + (nint)c * rows * w.RowLength, rows, image + (nint)c * w.ImagePixels);
    }

    /// <summary>Visits what each row of columns holds of each output row.</summary>
    [MethodImpl(HotLoop.Options)]
    private static void Walk<TMove>(WindowPlane w, T* planes, nint plane, int channels, int start, int pixels, T* columns, nint row) where TMove : struct, IMove
    {
        nint step = w.OutputStep;
        int width = w.OutputWidth, head = Math.Min(width - start, pixels), rows = (pixels - head) / width, tail = (pixels - head) % width;
        for (int c = 0; c < channels; c++, planes += plane)
        {
            for (int r = 0; r < w.Vertical.Size; r++)
            {
                for (int s = 0; s < w.Horizontal.Size; s++, columns += row)
                {
                    T* from = planes + w.Tap(r, s), to = columns;
                    TMove.Rows(from + start, 0, to, head, 1);
                    TMove.Rows(from + step, step, to + head, width, rows);
                    if (tail != 0) TMove.Rows(from + (rows + 1) * step, 0, to + pixels - tail, tail, 1);
                }
            }
        }
    }

    private interface IMove
    {
        /// <summary>Moves n elements of each of some output rows, which lie one after the other in the column.</summary>
        static abstract void Rows(T* plane, nint step, T* column, int n, int rows);
    }

    /// <summary>Copies whole vectors: what is too much is overwritten by the next row or lies beyond the last.</summary>
    private readonly struct GatherMove : IMove
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Rows(T* plane, nint step, T* column, int n, int rows)
        {
            if (n <= S.Count)
            {
                for (; rows > 0; rows--, plane += step, column += n) S.Store(column, S.Load(plane));
            }
            else if (n <= 2 * S.Count)
            {
                for (; rows > 0; rows--, plane += step, column += n)
                {
                    V second = S.Load(plane + S.Count);
                    S.Store(column, S.Load(plane));
                    S.Store(column + S.Count, second);
                }
            }
            else
            {
                for (; rows > 0; rows--, plane += step, column += n)
                    for (int i = 0; i < n; i += S.Count) S.Store(column + i, S.Load(plane + i));
            }
        }
    }

    private readonly struct ScatterMove : IMove
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Rows(T* plane, nint step, T* column, int n, int rows)
        {
            int whole = n - n % S.Count, rest = n - whole;
            for (; rows > 0; rows--, plane += step, column += n)
            {
                for (int i = 0; i < whole; i += S.Count) S.Store(plane + i, S.Add(S.Load(plane + i), S.Load(column + i)));
                if (rest != 0) S.StorePart(plane + whole, rest, S.Add(S.LoadPart(plane + whole, rest), S.LoadPart(column + whole, rest)));
            }
        }
    }
}
