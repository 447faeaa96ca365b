using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Moves rows between an image's channel and its <see cref="WindowPlane"/>.</summary>
internal static unsafe class PlaneCopy<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>Fills plane rows 0..rows-1 with the bordered image's rows from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(in WindowPlane w, T* image, int first, int rows, T* plane, T border)
    {
        V fill = S.Broadcast(border);
        for (int q = 0; q < rows; q++, plane += w.RowLength)
        {
            int y = first + q - w.Vertical.Padding;
            if ((uint)y >= (uint)w.Height)
            {
                Fill(plane, w.RowLength, fill);
                continue;
            }

            T* row = image + (nint)y * w.Width;
            if (w.Horizontal.Stride == 1)
            {
                (int start, int count) = Span(w, 0);
                Fill(plane, start, fill);
                Copy(row, plane + start, count);
                Fill(plane + start + count, w.Phase - start - count, fill);
                continue;
            }

            for (int e = 0; e < w.Horizontal.Stride; e++)
            {
                (int start, int count) = Span(w, e);
                T* phase = PhaseOf(w, plane, e);
                Fill(phase, start, fill);
                Fill(phase + start + count, w.Phase - start - count, fill);
                if (w.Horizontal.Stride > 2)
                    for (int m = 0; m < count; m++) phase[start + m] = row[(nint)m * w.Horizontal.Stride + e];
            }

            if (w.Horizontal.Stride == 2) Unzip(w, row, plane);
        }
    }

    /// <summary>Writes the plane's rows, which begin at row 0 of the bordered image, to all rows of the image; zero where no window reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(in WindowPlane w, T* plane, int rows, T* image)
    {
        for (int y = 0; y < w.Height; y++, image += w.Width)
        {
            int q = y + w.Vertical.Padding;
            if (q >= rows)
            {
                Fill(image, w.Width, S.Constant(0));
                continue;
            }

            T* row = plane + (nint)q * w.RowLength;
            if (w.Horizontal.Stride == 1)
            {
                (int start, int count) = Span(w, 0);
                Copy(row + start, image, count);
                Fill(image + count, w.Width - count, S.Constant(0));
                continue;
            }

            if (w.Horizontal.Stride == 2)
            {
                Zip(w, row, image);
                continue;
            }

            for (int e = 0; e < w.Horizontal.Stride; e++)
            {
                (int start, int count) = Span(w, e);
                T* phase = PhaseOf(w, row, e);
                for (int m = 0, x = e; x < w.Width; m++, x += w.Horizontal.Stride) image[x] = m < count ? phase[start + m] : default;
            }
        }
    }

    public static void Fill(T* to, int n, V value)
    {
        int i = 0;
        for (; i <= n - S.Count; i += S.Count) S.Store(to + i, value);
        if (i < n) S.StorePart(to + i, n - i, value);
    }

    private static void Copy(T* from, T* to, int n)
    {
        int i = 0;
        for (; i <= n - S.Count; i += S.Count) S.Store(to + i, S.Load(from + i));
        if (i < n) S.StorePart(to + i, n - i, S.LoadPart(from + i, n - i));
    }

    /// <summary>Image columns e, e + stride, … lie in one phase: from where, and how many of them are read by a window.</summary>
    private static (int Start, int Count) Span(in WindowPlane w, int e)
    {
        int stride = w.Horizontal.Stride, start = Math.Min((e + w.Horizontal.Padding) / stride, w.Phase);
        return (start, Math.Min(Math.Max((w.Width - e + stride - 1) / stride, 0), w.Phase - start));
    }

    private static T* PhaseOf(in WindowPlane w, T* row, int e) => row + (nint)((e + w.Horizontal.Padding) % w.Horizontal.Stride) * w.Phase;

    private static void Unzip(in WindowPlane w, T* row, T* plane)
    {
        (int start0, int count0) = Span(w, 0);
        (int start1, int count1) = Span(w, 1);
        T* even = PhaseOf(w, plane, 0) + start0, odd = PhaseOf(w, plane, 1) + start1;
        int both = Math.Min(count0, count1), m = 0;
        for (; m <= both - S.Count; m += S.Count)
        {
            S.Unzip(S.Load(row + 2 * m), S.Load(row + 2 * m + S.Count), out V e, out V o);
            S.Store(even + m, e);
            S.Store(odd + m, o);
        }

        if (m < both)
        {
            int rest = both - m;
            S.Unzip(S.LoadPart(row + 2 * m, Math.Min(2 * rest, S.Count)), S.LoadPart(row + 2 * m + S.Count, Math.Max(2 * rest - S.Count, 0)), out V e, out V o);
            S.StorePart(even + m, rest, e);
            S.StorePart(odd + m, rest, o);
        }

        for (m = both; m < count0; m++) even[m] = row[2 * m];
        for (m = both; m < count1; m++) odd[m] = row[2 * m + 1];
    }

    private static void Zip(in WindowPlane w, T* row, T* image)
    {
        (int start0, int count0) = Span(w, 0);
        (int start1, int count1) = Span(w, 1);
        T* even = PhaseOf(w, row, 0) + start0, odd = PhaseOf(w, row, 1) + start1;
        int both = Math.Min(count0, count1), m = 0;
        for (; m <= both - S.Count; m += S.Count)
        {
            S.Zip(S.Load(even + m), S.Load(odd + m), out V low, out V high);
            S.Store(image + 2 * m, low);
            S.Store(image + 2 * m + S.Count, high);
        }

        if (m < both)
        {
            int rest = both - m;
            S.Zip(S.LoadPart(even + m, rest), S.LoadPart(odd + m, rest), out V low, out V high);
            S.StorePart(image + 2 * m, Math.Min(2 * rest, S.Count), low);
            S.StorePart(image + 2 * m + S.Count, Math.Max(2 * rest - S.Count, 0), high);
        }

        for (int x = 2 * both; x < w.Width; x++)
            image[x] = (x & 1) == 0 ? (x / 2 < count0 ? even[x / 2] : default) : x / 2 < count1 ? odd[x / 2] : default;
    }
}
