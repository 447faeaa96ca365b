using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Between images and columns: the matrix [channels · T · R · S, pixels] of what each output pixel of a strip reads. It exists only in a thread's
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

    /// <summary>
    /// The columns of output pixels first..first+pixels-1, counted through all planes of the output. Plane q = c · T + a is what element a of the window's depth reads
    /// of channel c: another one for each output plane, or none, in the border.
    /// </summary>
    /// <returns>Where they lie, <paramref name="row"/> elements from row to row.</returns>
    public static T* Gather(in ConvolutionShape p, T* image, int firstPlane, int planes, int first, int pixels, out nint row)
    {
        WindowPlane w = p.Plane;
        if (p.IsPointwise)
        {
            row = w.ImagePixels;
            return image + (nint)firstPlane * w.ImagePixels + first;
        }

        // A strip that leaves its plane reads whole planes, one output plane after the other.
        int d = first / w.OutputPixels, at = first - d * w.OutputPixels;
        int rows = at + pixels <= w.OutputPixels ? Rows(w, at, pixels) : w.RowsFor(w.OutputHeight);
        nint plane = (nint)rows * w.RowLength, slack = 2 * S.Count;
        row = Row(pixels);
        T* planeBuffer = (T*)WindowWorkspace.Rent((planes * (plane + p.PlaneTaps * row) + 2 * slack) * sizeof(T)), columns = planeBuffer + planes * plane + slack;
        for (int done = 0; done < pixels; d++, at = 0)
        {
            int n = Math.Min(pixels - done, w.OutputPixels - at);
            for (int i = 0; i < planes; i++)
            {
                int c = (firstPlane + i) / p.Depth.Size, z = p.InputPlane(d, (firstPlane + i) % p.Depth.Size);
                if (z < 0) PlaneCopy<T, V, S>.Fill(planeBuffer + i * plane, (int)plane, S.Constant(0));
                else PlaneCopy<T, V, S>.Load(w, image + (nint)c * p.InputVolume + (nint)z * w.ImagePixels, at / w.OutputWidth * w.Vertical.Stride, Rows(w, at, n), planeBuffer + i * plane, default);
            }

            Walk<GatherMove>(w, planeBuffer, plane, planes, at % w.OutputWidth, n, columns + done, row);
            done += n;
        }

        return columns;
    }

    /// <summary>Room for columns of a strip, behind <paramref name="planes"/> of whole channels, each of so many planes, filled with zeros.</summary>
    public static T* Start(in ConvolutionShape p, int channels, int depth, int pixels, out T* planes, out nint row)
    {
        nint all = channels * depth * Plane(p);
        row = Row(pixels);
        planes = (T*)WindowWorkspace.Rent((all + channels * p.Taps * row + 2 * S.Count) * sizeof(T));
        new Span<byte>(planes, checked((int)(all * sizeof(T)))).Clear();
        return planes + all;
    }

    /// <summary>
    /// Adds the columns of output pixels first..first+pixels-1, counted through all planes, to those planes of whole channels that lie in <paramref name="range"/>.
    /// The columns are those of the <paramref name="part"/> of the window's depth.
    /// </summary>
    public static void Scatter(in ConvolutionShape p, T* columns, nint row, int channels, PlaneRange range, PlaneRange part, int first, int pixels, T* planes)
    {
        WindowPlane w = p.Plane;
        nint plane = Plane(p);
        int d = first / w.OutputPixels, at = first - d * w.OutputPixels;
        for (int done = 0; done < pixels; d++, at = 0)
        {
            int n = Math.Min(pixels - done, w.OutputPixels - at);
            T* from = columns + done;
            for (int c = 0; c < channels; c++)
            {
                for (int a = part.First; a < part.End; a++, from += p.PlaneTaps * row)
                {
                    int z = p.InputPlane(d, a);
                    if (z < range.First || z >= range.End) continue;
                    T* to = planes + (c * range.Count + z - range.First) * plane;
                    Walk<ScatterMove>(w, to + at / w.OutputWidth * w.OutputStep, plane, 1, at % w.OutputWidth, n, from, row);
                }
            }

            done += n;
        }
    }

    /// <summary>The planes of whole channels, without border, to the image.</summary>
    public static void Finish(in ConvolutionShape p, T* planes, int channels, PlaneRange range, T* image)
    {
        WindowPlane w = p.Plane;
        int rows = w.RowsFor(w.OutputHeight);
        for (int c = 0; c < channels; c++)
            for (int z = range.First; z < range.End; z++, planes += Plane(p))
                PlaneCopy<T, V, S>.Store(w, planes, rows, image + (nint)c * p.InputVolume + (nint)z * w.ImagePixels);
    }

    /// <summary>Elements of a whole plane with its border.</summary>
    private static nint Plane(in ConvolutionShape p) => (nint)p.Plane.RowsFor(p.Plane.OutputHeight) * p.Plane.RowLength;

    /// <summary>Rows that these output pixels of one plane read.</summary>
    private static int Rows(in WindowPlane w, int at, int pixels) => w.RowsFor((at + pixels - 1) / w.OutputWidth - at / w.OutputWidth + 1);

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
