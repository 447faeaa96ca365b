using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Moves rows between an image's channel and its <see cref="WindowPlane"/>.</summary>
internal static unsafe class PlaneCopy<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>Fills plane rows 0..rows-1 with the bordered image's rows from <paramref name="first"/> on.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void Load(in WindowPlane w, T* image, int first, int rows, T* plane, T border)
    {
        V fill = S.Broadcast(border);
        int stride = w.Horizontal.Stride, length = w.RowLength, width = w.Width, height = w.Height;
        Span even = new(w, 0), odd = new(w, 1);
        for (int q = 0, y = first - w.Vertical.Padding; q < rows; q++, y++, plane += length)
        {
            T* row = image + (nint)y * width;
            if ((uint)y >= (uint)height) Fill(plane, length, fill);
            else if (stride == 1) Copy(row, even.Surround(plane, border), even.Count);
            else if (stride == 2) Unzip(row, even.Surround(plane, border), even.Count, odd.Surround(plane, border), odd.Count);
            else
            {
                for (int e = 0; e < stride; e++)
                {
                    Span span = new(w, e);
                    T* to = span.Surround(plane, border);
                    for (int m = 0; m < span.Count; m++) to[m] = row[(nint)m * stride + e];
                }
            }
        }
    }

    /// <summary>Writes the plane's rows, which begin at row 0 of the bordered image, to all rows of the image; zero where no window reads.</summary>
    public static void Store(in WindowPlane w, T* plane, int rows, T* image) => Store(w, plane, 0, rows, true, image, false);

    /// <summary>Writes the plane's rows, which are rows <paramref name="first"/> .. <paramref name="first"/> + <paramref name="rows"/> − 1 of the bordered image, to those of the image.</summary>
    /// <param name="w">The plane.</param>
    /// <param name="plane">Its rows.</param>
    /// <param name="first">The first one.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="last">Whether the image's remaining rows, which no window reads, become zero.</param>
    /// <param name="image">The image.</param>
    /// <param name="streams">Whether to go past the caches: the image's rows begin and end at whole vectors.</param>
    [MethodImpl(HotLoop.Options)]
    public static void Store(in WindowPlane w, T* plane, int first, int rows, bool last, T* image, bool streams)
    {
        int stride = w.Horizontal.Stride, width = w.Width, height = w.Height, border = w.Vertical.Padding;
        Span even = new(w, 0), odd = new(w, 1);
        bool covers = stride <= 2 && even.Count + (stride == 2 ? odd.Count : 0) == width;
        int y = Math.Max(first - border, 0), end = first + rows - border;
        T* row = plane + (nint)(y + border - first) * w.RowLength;
        image += (nint)y * width;
        for (int stop = last ? height : Math.Min(end, height); y < stop; y++, row += w.RowLength, image += width)
        {
            if (y >= end || !covers) Fill(image, width, S.Constant(0));
            if (y >= end) continue;
            if (stride == 1) Copy(row + even.At, image, even.Count);
            else if (stride == 2) Zip(row + even.At, even.Count, row + odd.At, odd.Count, image, streams && covers);
            else
            {
                for (int e = 0; e < stride; e++)
                {
                    Span span = new(w, e);
                    for (int m = 0; m < span.Count; m++) image[(nint)m * stride + e] = row[span.At + m];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fill(T* to, int n, V value)
    {
        int i = 0;
        for (; i <= n - S.Count; i += S.Count) S.Store(to + i, value);
        if (i == n) return;
        if (i > 0) S.Store(to + n - S.Count, value);
        else S.StorePart(to, n, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(T* from, T* to, int n)
    {
        int i = 0;
        for (; i <= n - S.Count; i += S.Count) S.Store(to + i, S.Load(from + i));
        if (i == n) return;
        if (i > 0) S.Store(to + n - S.Count, S.Load(from + n - S.Count));
        else S.StorePart(to, n, S.LoadPart(from, n));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unzip(T* row, T* even, int evens, T* odd, int odds)
    {
        int both = Math.Min(evens, odds), m = 0;
        for (; m <= both - S.Count; m += S.Count)
        {
            S.Unzip(S.Load(row + 2 * m), S.Load(row + 2 * m + S.Count), out V e, out V o);
            S.Store(even + m, e);
            S.Store(odd + m, o);
        }

        if (m < both && both >= S.Count)
        {
            // The last vector overlaps the one before: cheaper than a part of one.
            m = both - S.Count;
            S.Unzip(S.Load(row + 2 * m), S.Load(row + 2 * m + S.Count), out V e, out V o);
            S.Store(even + m, e);
            S.Store(odd + m, o);
        }
        else if (m < both)
        {
            int rest = both - m;
            S.Unzip(S.LoadPart(row + 2 * m, Math.Min(2 * rest, S.Count)), S.LoadPart(row + 2 * m + S.Count, Math.Max(2 * rest - S.Count, 0)), out V e, out V o);
            S.StorePart(even + m, rest, e);
            S.StorePart(odd + m, rest, o);
        }

        for (m = both; m < evens; m++) even[m] = row[2 * m];
        for (m = both; m < odds; m++) odd[m] = row[2 * m + 1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Zip(T* even, int evens, T* odd, int odds, T* row, bool streams)
    {
        int both = Math.Min(evens, odds), m = 0;
        for (; m <= both - S.Count; m += S.Count)
        {
            S.Zip(S.Load(even + m), S.Load(odd + m), out V low, out V high);
            StreamingStores.Store<T, V, S>(row + 2 * m, low, streams);
            StreamingStores.Store<T, V, S>(row + 2 * m + S.Count, high, streams);
        }

        if (m < both && both >= S.Count)
        {
            // The last vector overlaps the one before. What is streamed ends with a whole vector, of which this is the second half.
            S.Zip(S.Load(even + both - S.Count), S.Load(odd + both - S.Count), out V low, out V high);
            if (!streams) S.Store(row + 2 * (both - S.Count), low);
            StreamingStores.Store<T, V, S>(row + 2 * both - S.Count, high, streams);
        }
        else if (m < both)
        {
            int rest = both - m;
            S.Zip(S.LoadPart(even + m, rest), S.LoadPart(odd + m, rest), out V low, out V high);
            S.StorePart(row + 2 * m, Math.Min(2 * rest, S.Count), low);
            S.StorePart(row + 2 * m + S.Count, Math.Max(2 * rest - S.Count, 0), high);
        }

        for (m = both; m < evens; m++) row[2 * m] = even[m];
        for (m = both; m < odds; m++) row[2 * m + 1] = odd[m];
    }

    /// <summary>Image columns e, e + stride, … that a window reads: they are contiguous in one phase of the plane's row.</summary>
    private readonly struct Span
    {
        /// <summary>Where they begin in the row, and how many they are.</summary>
        public readonly int At, Count;
        private readonly int _before, _after;

        public Span(in WindowPlane w, int e)
        {
            int stride = w.Horizontal.Stride;
            _before = Math.Min((e + w.Horizontal.Padding) / stride, w.Phase);
            Count = Math.Min(Math.Max((w.Width - e + stride - 1) / stride, 0), w.Phase - _before);
            At = (e + w.Horizontal.Padding) % stride * w.Phase + _before;
            _after = w.Phase - _before - Count;
        }

        /// <summary>Fills the phase's border, a few elements one by one: a store of part of a vector takes longer.</summary>
        /// <returns>What is left to fill.</returns>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T* Surround(T* row, T border)
        {
            T* first = row + At;
            for (int i = -_before; i < 0; i++) first[i] = border;
            for (int i = Count; i < Count + _after; i++) first[i] = border;
            return first;
        }
    }
}
