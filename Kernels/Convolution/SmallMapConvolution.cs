using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Convolutions to maps of a few pixels. A product per image would read the whole weight for each of them; here the output pixels of all images are the rows of one product:
/// columns [images · pixels, channels · taps], gathered once per pass. Elements of the window that meet nothing but the border (8 of 9 on a map of one pixel) are left out,
/// which takes a copy of the others.
/// </summary>
internal static unsafe class SmallMapConvolution<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>y [rows, filters] = columns · weightᵀ + bias.</summary>
    public static void Forward(in ConvolutionArguments p)
    {
        Workspace w = new(p);
        w.Gather(p);
        T* y = p.Shape.OutputVolume == 1 ? (T*)p.Y : w.Pixels;
        Gemm.Run<T, V, S>(new()
        {
            M = w.Count, N = p.Shape.Filters, K = w.Length,
            A = w.Columns, RowA = w.Length, ColA = 1,
            B = Used(p), RowB = 1, ColB = w.Length,
            C = y, RowC = p.Shape.Filters, ColC = 1, Bias = (T*)p.Bias,
        });
        if (y == w.Pixels) w.Turn(p, toImages: true);
    }

    /// <summary>columns = g [rows, filters] · weight, added up in the images.</summary>
    public static void InputGradient(in ConvolutionArguments p)
    {
        Workspace w = new(p);
        Gemm.Run<T, V, S>(new()
        {
            M = w.Count, N = w.Length, K = p.Shape.Filters,
            A = w.Turned(p), RowA = p.Shape.Filters, ColA = 1,
            B = Used(p), RowB = w.Length, ColB = 1,
            C = w.Columns, RowC = w.Length, ColC = 1,
        });
        w.Scatter(p);
    }

    /// <summary>dw [filters, channels · taps] = gᵀ [filters, rows] · columns; zero where the window meets nothing.</summary>
    public static void WeightGradient(in ConvolutionArguments p)
    {
        Workspace w = new(p);
        w.Gather(p);
        bool all = p.Shape.UsedTaps == p.Shape.Taps;
        Gemm.Run<T, V, S>(new()
        {
            M = p.Shape.Filters, N = w.Length, K = w.Count,
            A = w.Turned(p), RowA = 1, ColA = p.Shape.Filters,
            B = w.Columns, RowB = w.Length, ColB = 1,
            C = all ? (T*)p.Weight : (T*)p.Shared, RowC = w.Length, ColC = 1,
        });
        if (!all) ShareTaps(p, back: true);
    }

    /// <summary>The filters' used elements, [filters, channels · used taps].</summary>
    private static T* Used(in ConvolutionArguments p)
    {
        if (p.Shape.UsedTaps == p.Shape.Taps) return (T*)p.Weight;
        ShareTaps(p, back: false);
        return (T*)p.Shared;
    }

    private static void ShareTaps(in ConvolutionArguments p, bool back)
    {
        TapsJob job = new() { P = p, Back = back };
        WindowDispatch.Share(p.Shape.Filters, p.Shape.Weight.Count, ref job);
    }

    /// <summary>One task per filter: copies its used elements, or makes the others zero.</summary>
    private struct TapsJob : IParallelJob
    {
        public ConvolutionArguments P;
        public bool Back;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            ConvolutionShape p = P.Shape;
            PlaneRange depth = p.UsedDepth, rows = p.UsedRows, columns = p.UsedColumns;
            int channels = p.Channels, taps = p.Taps, count = p.UsedTaps, width = p.Plane.Horizontal.Size;
            T* filter = (T*)P.Weight + (nint)task * channels * taps, used = (T*)P.Shared + (nint)task * channels * count;
            if (Back) new Span<T>(filter, channels * taps).Clear();
            for (int a = depth.First; a < depth.End; a++)
                for (int r = rows.First; r < rows.End; r++)
                    for (int s = columns.First; s < columns.End; s++, used++)
                    {
                        T* tap = filter + a * p.PlaneTaps + r * width + s;
                        if (Back) Move(used, count, tap, taps, channels);
                        else Move(tap, taps, used, count, channels);
                    }
        }

        [MethodImpl(HotLoop.Options)]
        private static void Move(T* from, nint step, T* to, nint stepTo, int n)
        {
            for (; n >= 4; n -= 4, from += 4 * step, to += 4 * stepTo)
            {
                T second = from[step], third = from[2 * step], fourth = from[3 * step];
                *to = *from;
                to[stepTo] = second;
                to[2 * stepTo] = third;
                to[3 * stepTo] = fourth;
            }

            for (; n > 0; n--, from += step, to += stepTo) *to = *from;
        }
    }

    /// <summary>The columns, and behind them the output with its pixels outermost, [rows, filters].</summary>
    private readonly struct Workspace
    {
        public readonly int Count, Length;
        public readonly T* Columns, Pixels;

        public Workspace(in ConvolutionArguments p)
        {
            (Count, Length) = (p.Shape.Images * p.Shape.OutputVolume, p.Shape.Channels * p.Shape.UsedTaps);
            nint columns = ((nint)Count * Length + 63) & ~63;
            Columns = (T*)WindowWorkspace.Rent((columns + (nint)Count * p.Shape.Filters) * sizeof(T));
            Pixels = Columns + columns;
        }

        public void Gather(in ConvolutionArguments p) => Share<GatherMove>(p);

        public void Scatter(in ConvolutionArguments p) => Share<ScatterMove>(p);

        /// <summary>The gradient with its pixels outermost.</summary>
        public T* Turned(in ConvolutionArguments p)
        {
            if (p.Shape.OutputVolume == 1) return (T*)p.Y;
            Turn(p, toImages: false);
            return Pixels;
        }

        /// <summary>Between [images, filters, pixels] and [images, pixels, filters].</summary>
        [MethodImpl(HotLoop.Options)]
        public void Turn(in ConvolutionArguments p, bool toImages)
        {
            int pixels = p.Shape.OutputVolume, filters = p.Shape.Filters;
            T* image = (T*)p.Y, rows = Pixels;
            for (int n = 0; n < p.Shape.Images; n++, image += pixels * filters, rows += pixels * filters)
            {
                for (int i = 0; i < pixels; i++)
                {
                    T* row = rows + i * filters, at = image + i;
                    if (toImages) for (int k = 0; k < filters; k++, at += pixels) *at = row[k];
                    else for (int k = 0; k < filters; k++, at += pixels) row[k] = *at;
                }
            }
        }

        private void Share<TMove>(in ConvolutionArguments p) where TMove : struct, IMove
        {
            Job<TMove> job = new() { P = p, Columns = Columns, Length = Length };
            WindowDispatch.Share(p.Shape.Images, (double)Count * Length, ref job);
        }
    }

    /// <summary>One task per image: its columns and its pixels belong to nobody else.</summary>
    private struct Job<TMove> : IParallelJob where TMove : struct, IMove
    {
        public ConvolutionArguments P;
        public T* Columns;
        public int Length;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            ConvolutionShape p = P.Shape;
            T* image = (T*)P.X + (nint)task * p.Channels * p.InputVolume, column = Columns + (nint)task * p.OutputVolume * Length;
            TMove.Begin(image, (nint)p.Channels * p.InputVolume);
            for (int d = 0; d < p.OutputDepth; d++)
                for (int i = 0; i < p.Plane.OutputHeight; i++)
                    for (int j = 0; j < p.Plane.OutputWidth; j++, column += Length) Window(p, image, d, i, j, column);
        }

        /// <summary>What output pixel (d, i, j) reads.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Window(in ConvolutionShape p, T* image, int d, int i, int j, T* column)
        {
            Window v = p.Plane.Vertical, h = p.Plane.Horizontal;
            PlaneRange usedD = p.UsedDepth, usedV = p.UsedRows, usedH = p.UsedColumns;
            int channels = p.Channels, layers = usedD.Count, rows = usedV.Count, columns = usedH.Count, dilationD = p.Depth.Dilation, dilationV = v.Dilation, dilationH = h.Dilation;
            int front = d * p.Depth.Stride - p.Depth.Padding + usedD.First * dilationD;
            int top = i * v.Stride - v.Padding + usedV.First * dilationV, left = j * h.Stride - h.Padding + usedH.First * dilationH;
            int depth = p.InputDepth, height = p.Plane.Height, width = p.Plane.Width, pixels = height * width, volume = depth * pixels;
            for (int c = 0; c < channels; c++, image += volume)
            {
                for (int a = 0, z = front; a < layers; a++, z += dilationD)
                {
                    T* plane = image + (nint)z * pixels;
                    for (int r = 0, y = top; r < rows; r++, y += dilationV)
                    {
                        bool inside = (uint)y < (uint)height && (uint)z < (uint)depth;
                        for (int s = 0, x = left; s < columns; s++, x += dilationH, column++)
                            TMove.Move(inside && (uint)x < (uint)width ? plane + (nint)y * width + x : null, column);
                    }
                }
            }
        }
    }

    private interface IMove
    {
        static abstract void Begin(T* image, nint count);

        /// <param name="pixel">Null in the border.</param>
        /// <param name="column">What the window reads there.</param>
        static abstract void Move(T* pixel, T* column);
    }

    private readonly struct GatherMove : IMove
    {
        public static void Begin(T* image, nint count) { }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move(T* pixel, T* column) => *column = pixel == null ? T.Zero : *pixel;
    }

    private readonly struct ScatterMove : IMove
    {
        public static void Begin(T* image, nint count) => new Span<byte>(image, checked((int)(count * sizeof(T)))).Clear();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move(T* pixel, T* column)
        {
            if (pixel != null) *pixel += *column;
        }
    }
}
