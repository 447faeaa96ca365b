using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Gradwright.Kernels;

/// <summary>From the elements of neighbouring windows, one vector per element, to one number per window.</summary>
internal unsafe interface IWindowGather
{
    /// <summary>What the border holds.</summary>
    static virtual double Border => 0;

    static virtual bool ReadsIndex => false;
    static virtual bool WritesIndex => false;

    /// <summary>Whether the result is divided by the number of elements.</summary>
    static virtual bool Averages => false;

    /// <param name="x">Element 0 of the first window; element t is at x + offsets[t].</param>
    /// <param name="offsets">One per element of the window.</param>
    /// <param name="taps">Elements of the window.</param>
    /// <param name="index">A position in each window.</param>
    /// <param name="doubt">Becomes NaN, and stays so, where the result may be wrong.</param>
    static abstract V Apply<T, V, S>(T* x, nint* offsets, int taps, ref V index, ref V doubt)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;
}

/// <summary>The largest element and its position, if there is no NaN: a sum of all tells more cheaply than a look at each.</summary>
internal readonly unsafe struct MaxOfNumbers : IWindowGather
{
    public static double Border => double.NegativeInfinity;
    public static bool WritesIndex => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(T* x, nint* offsets, int taps, ref V index, ref V doubt)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => MaxOfWindow.Find<T, V, S>(x, offsets, taps, exact: false, ref index, ref doubt);
}

/// <summary>The largest element and its position; NaN counts as largest.</summary>
internal readonly unsafe struct MaxOfWindow : IWindowGather
{
    public static double Border => double.NegativeInfinity;
    public static bool WritesIndex => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(T* x, nint* offsets, int taps, ref V index, ref V doubt)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => Find<T, V, S>(x, offsets, taps, exact: true, ref index, ref doubt);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Find<T, V, S>(T* x, nint* offsets, int taps, bool exact, ref V index, ref V doubt)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V most = S.Load(x), one = S.Constant(1), position = S.Constant(0);
        index = position;
        if (!exact) doubt = S.Add(doubt, most);
        for (int t = 1; t < taps; t++)
        {
            V v = S.Load(x + offsets[t]), more = S.Less(most, v);
            if (exact) more = S.Or(more, S.IsNaN(v));
            else doubt = S.Add(doubt, v);
            position = S.Add(position, one);
            most = S.Select(more, v, most);
            index = S.Select(more, position, index);
        }

        return most;
    }
}

internal readonly unsafe struct AtPosition : IWindowGather
{
    public static bool ReadsIndex => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(T* x, nint* offsets, int taps, ref V index, ref V doubt)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V y = S.Load(x), one = S.Constant(1), position = S.Constant(0);
        for (int t = 1; t < taps; t++)
        {
            position = S.Add(position, one);
            y = S.Select(S.Equal(index, position), S.Load(x + offsets[t]), y);
        }

        return y;
    }
}

internal readonly unsafe struct MeanOfWindow : IWindowGather
{
    public static bool Averages => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(T* x, nint* offsets, int taps, ref V index, ref V doubt)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V sum = S.Load(x);
        for (int t = 1; t < taps; t++) sum = S.Add(sum, S.Load(x + offsets[t]));
        return sum;
    }
}

/// <summary>Pools strips of output rows: their part of the bordered image is copied to L1, and read there element by element of the window.</summary>
/// <typeparam name="TGather">What is made of a window.</typeparam>
/// <typeparam name="TExact">The same without any doubt: for rows that leave one.</typeparam>
internal readonly unsafe struct PoolGather<TGather, TExact> : IWindowPass<PoolArguments> where TGather : struct, IWindowGather where TExact : struct, IWindowGather
{
    public static void Run<T, V, S>(ref PoolArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        int strips = p.Shape.Strips(sizeof(T)), rows = (p.Shape.Plane.OutputHeight + strips - 1) / strips;
        int elements = Math.Max(1, p.Shape.Plane.ImagePixels / strips), units = p.Shape.Planes * strips, perTask = Math.Max(1, p.Shape.TaskPlanes * p.Shape.Plane.ImagePixels / elements);
        Job<T, V, S> job = new() { Operands = p, Rows = rows, Strips = strips, PerTask = perTask, Streams = StreamingStores.Pay((long)p.Shape.Planes * p.Shape.Plane.OutputPixels * sizeof(T)) };
        WindowDispatch.Share((units + perTask - 1) / perTask, p.Shape.Work, ref job);
    }

    private struct Job<T, V, S> : IParallelJob
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public PoolArguments Operands;
        private const int CacheLine = 64;

        public int Rows, Strips, PerTask;
        public bool Streams;

        public readonly void Execute(int task)
        {
            PoolWorkspace<T, V, S> work = new(Operands, Rows, TGather.Averages);
            for (int unit = task * PerTask, end = Math.Min(unit + PerTask, Operands.Shape.Planes * Strips); unit < end; unit++)
            {
                int first = unit % Strips * Rows;
                Strip(work, unit / Strips, first, Math.Min(Rows, Operands.Shape.Plane.OutputHeight - first));
            }

            if (Streams) StreamingStores.Fence();
        }

        [MethodImpl(HotLoop.Options)]
        private readonly void Strip(in PoolWorkspace<T, V, S> work, int channel, int first, int rows)
        {
            WindowPlane w = Operands.Shape.Plane;
            int width = w.OutputWidth, taps = Operands.Shape.Taps;
            nint output = (nint)channel * w.OutputPixels + first * width;
            T* x = work.Plane, result = (T*)Operands.Windows + output, y = Streams ? work.Result : result, index = work.Index;
            T* image = (T*)Operands.Image + (nint)channel * w.ImagePixels;
            nint rowBytes = (nint)w.Vertical.Stride * w.Width * sizeof(T);
            byte* ahead = (byte*)image + (first + rows) * rowBytes;
            PlaneCopy<T, V, S>.Load(w, image, first * w.Vertical.Stride, w.RowsFor(rows), x, T.CreateChecked(TGather.Border));
            if (TGather.ReadsIndex) work.ReadIndex(Operands, output, rows * width);
            for (int i = 0; i < rows; i++, x += w.OutputStep, y += width, index += width)
            {
                // While one strip is worked on, the next one comes.
                if (Sse.IsSupported)
                    for (nint line = 0; line < rowBytes; line += CacheLine) Sse.Prefetch1(ahead + i * rowBytes + line);
                V count = TGather.Averages ? S.Broadcast(work.RowCount(Operands, first + i)) : default;
                if (S.Any(S.IsNaN(Row<TGather>(work, x, y, index, width, taps, count)))) Row<TExact>(work, x, y, index, width, taps, count);
            }

            // Rows of any length: only the whole strip is made of whole lines of memory.
            if (Streams) StreamingStores.Copy((byte*)work.Result, (byte*)result, (long)rows * width * sizeof(T));
            if (TGather.WritesIndex && Operands.Index != 0) work.WriteIndex(Operands, output, rows * width);
        }

        /// <summary>One row of results.</summary>
        /// <returns>The doubts left.</returns>
        [MethodImpl(HotLoop.Options)]
        private static V Row<TRow>(in PoolWorkspace<T, V, S> work, T* x, T* y, T* index, int width, int taps, V count) where TRow : struct, IWindowGather
        {
            nint* offsets = work.Offsets;
            T* counts = work.Counts;
            V doubt = S.Constant(0);
            for (int next = 0; next < width; next += S.Count)
            {
                // The last vector overlaps the one before: cheaper than a part of one.
                int j = next > width - S.Count && width >= S.Count ? width - S.Count : next;
                V position = TRow.ReadsIndex ? S.Load(index + j) : default;
                V value = TRow.Apply<T, V, S>(x + j, offsets, taps, ref position, ref doubt);
                if (TRow.WritesIndex) S.Store(index + j, position);
                if (TRow.Averages) value = S.Divide(value, S.Multiply(count, S.Load(counts + j)));
                if (j <= width - S.Count) S.Store(y + j, value);
                else S.StorePart(y + j, width - j, value);
            }

            return doubt;
        }
    }
}
