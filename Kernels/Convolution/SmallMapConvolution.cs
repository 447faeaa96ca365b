using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Convolutions to maps of a few pixels. A product per image would read the whole weight for each of them; here the output pixels of all
/// images are the rows of one product: columns [images · pixels, channels · taps], gathered once per pass.
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
            B = (T*)p.Weight, RowB = 1, ColB = w.Length,
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
            B = (T*)p.Weight, RowB = w.Length, ColB = 1,
            C = w.Columns, RowC = w.Length, ColC = 1,
        });
        w.Scatter(p);
    }

    /// <summary>dw [filters, channels · taps] = gᵀ [filters, rows] · columns.</summary>
    public static void WeightGradient(in ConvolutionArguments p)
    {
        Workspace w = new(p);
        w.Gather(p);
        Gemm.Run<T, V, S>(new()
        {
            M = p.Shape.Filters, N = w.Length, K = w.Count,
            A = w.Turned(p), RowA = 1, ColA = p.Shape.Filters,
            B = w.Columns, RowB = w.Length, ColB = 1,
            C = (T*)p.Weight, RowC = w.Length, ColC = 1,
        });
    }

    /// <summary>The columns, and behind them the output with its pixels outermost, [rows, filters].</summary>
    private readonly struct Workspace
    {
        public readonly int Count, Length;
        public readonly T* Columns, Pixels;

        public Workspace(in ConvolutionArguments p)
        {
            (Count, Length) = (p.Shape.Images * p.Shape.OutputVolume, p.Shape.Channels * p.Shape.Taps);
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
            int top = i * v.Stride - v.Padding, left = j * h.Stride - h.Padding, front = d * p.Depth.Stride - p.Depth.Padding;
            int channels = p.Channels, layers = p.Depth.Size, rows = v.Size, columns = h.Size, dilationD = p.Depth.Dilation, dilationV = v.Dilation, dilationH = h.Dilation;
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
