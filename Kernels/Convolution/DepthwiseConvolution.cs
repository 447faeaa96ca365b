using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Convolutions whose filters see one channel: too few products per element for a matrix product. Each channel's plane stays in L1 and is read
/// (or added to) directly, one element of the filter after the other.
/// </summary>
internal static unsafe class DepthwiseConvolution<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    // More filters of one channel pay for its columns; larger planes leave L2; fewer elements are not worth a task.
    private const int MostFilters = 2, MostBytes = 256 << 10, TaskElements = 16 << 10;

    /// <summary>Whether this is the way for a convolution.</summary>
    public static bool Fits(in ConvolutionShape p)
        => p.GroupChannels == 1 && p.GroupFilters <= MostFilters && (long)p.Plane.RowsFor(p.Plane.OutputHeight) * p.Plane.RowLength * sizeof(T) <= MostBytes;

    public static void Forward(ref ConvolutionArguments p)
    {
        CorrelateJob job = new()
        {
            Plane = p.Shape.Plane, Channels = p.Shape.Channels, Filters = p.Shape.GroupFilters, Units = p.Shape.Images * p.Shape.Channels,
            From = (T*)p.X, Weight = (T*)p.Weight, Bias = (T*)p.Bias, To = (T*)p.Y,
        };
        Share(p.Shape, ref job.PerTask, ref job);
    }

    /// <summary>At stride 1 the correlation of the output's gradient with the reversed filter; else the gradient is spread over the plane.</summary>
    public static void InputGradient(ref ConvolutionArguments p)
    {
        WindowPlane w = p.Shape.Plane;
        Window vertical = Reverse(w.Vertical), horizontal = Reverse(w.Horizontal);
        if (w.Vertical.Stride == 1 && w.Horizontal.Stride == 1 && p.Shape.GroupFilters == 1 && vertical.Padding >= 0 && horizontal.Padding >= 0)
        {
            CorrelateJob reversed = new()
            {
                Plane = new(vertical, horizontal, w.OutputHeight, w.OutputWidth, w.Height, w.Width), Reversed = true,
                Channels = p.Shape.Channels, Filters = 1, Units = p.Shape.Images * p.Shape.Channels,
                From = (T*)p.Y, Weight = (T*)p.Weight, To = (T*)p.X,
            };
            Share(p.Shape, ref reversed.PerTask, ref reversed);
            return;
        }

        SpreadJob job = new() { Operands = p };
        Share(p.Shape, ref job.PerTask, ref job);
    }

    /// <summary>A task owns channels and adds up their images in order.</summary>
    public static void WeightGradient(ref ConvolutionArguments p)
    {
        WeightJob job = new() { Operands = p };
        WindowDispatch.Share(p.Shape.Channels, p.Shape.Products, ref job);
    }

    private static Window Reverse(Window window) => window with { Padding = checked((int)window.Extent - 1 - window.Padding) };

    private static void Share<TJob>(in ConvolutionShape p, ref int perTask, ref TJob job) where TJob : struct, IParallelJob
    {
        int planes = p.Images * p.Channels;
        perTask = Math.Max(1, TaskElements / Math.Max(p.Plane.ImagePixels, p.Plane.OutputPixels));
        WindowDispatch.Share((planes + perTask - 1) / perTask, p.Products, ref job);
    }

    /// <summary>A plane of one channel's whole image, the filter's offsets in it, and room for a vector of sums per element of the filter.</summary>
    private readonly struct Workspace
    {
        public readonly nint* Offsets;
        public readonly T* Sums, Plane;
        public readonly int Rows;
        public readonly nint Elements;

        public Workspace(in WindowPlane w)
        {
            int taps = w.Vertical.Size * w.Horizontal.Size;
            Rows = w.RowsFor(w.OutputHeight);
            Elements = (nint)Rows * w.RowLength;
            Sums = (T*)WindowWorkspace.Rent(taps * (S.Count * sizeof(T) + sizeof(nint)) + (Elements + S.Count) * sizeof(T));
            Offsets = (nint*)(Sums + taps * S.Count);
            Plane = (T*)(Offsets + taps);
            for (int r = 0, t = 0; r < w.Vertical.Size; r++)
                for (int s = 0; s < w.Horizontal.Size; s++) Offsets[t++] = w.Tap(r, s);
        }
    }

    /// <summary>y = bias + correlation of x with each of its channel's filters.</summary>
    private struct CorrelateJob : IParallelJob
    {
        public WindowPlane Plane;
        public int Channels, Filters, Units, PerTask;
        public bool Reversed;
        public T* From, Weight, Bias, To;

        public readonly void Execute(int task)
        {
            Workspace work = new(Plane);
            for (int unit = task * PerTask, end = Math.Min(unit + PerTask, Units); unit < end; unit++)
            {
                PlaneCopy<T, V, S>.Load(Plane, From + (nint)unit * Plane.ImagePixels, 0, work.Rows, work.Plane, default);
                for (int f = 0; f < Filters; f++)
                    Filter(work, unit % Channels * Filters + f, To + ((nint)unit * Filters + f) * Plane.OutputPixels);
            }
        }

        /// <summary>Four rows at a time share the filter's broadcasts.</summary>
        [MethodImpl(HotLoop.Options)]
        private readonly void Filter(in Workspace work, int filter, T* y)
        {
            int taps = Plane.Vertical.Size * Plane.Horizontal.Size, width = Plane.OutputWidth, height = Plane.OutputHeight, next = Reversed ? -1 : 1;
            nint step = Plane.OutputStep;
            T* x = work.Plane, weight = Weight + (nint)filter * taps + (Reversed ? taps - 1 : 0);
            V bias = Bias == null ? S.Constant(0) : S.Broadcast(Bias[filter]);
            int i = 0;
            for (; i <= height - 4; i += 4, x += 4 * step, y += 4 * width)
            {
                for (int j = 0; j < width; j += S.Count)
                {
                    V sum0 = bias, sum1 = bias, sum2 = bias, sum3 = bias;
                    T* w = weight;
                    for (int t = 0; t < taps; t++, w += next)
                    {
                        V factor = S.Broadcast(*w);
                        T* at = x + j + work.Offsets[t];
                        sum0 = S.MultiplyAdd(factor, S.Load(at), sum0);
                        sum1 = S.MultiplyAdd(factor, S.Load(at + step), sum1);
                        sum2 = S.MultiplyAdd(factor, S.Load(at + 2 * step), sum2);
                        sum3 = S.MultiplyAdd(factor, S.Load(at + 3 * step), sum3);
                    }

                    Put(y + j, width - j, sum0);
                    Put(y + width + j, width - j, sum1);
                    Put(y + 2 * width + j, width - j, sum2);
                    Put(y + 3 * width + j, width - j, sum3);
                }
            }

            for (; i < height; i++, x += step, y += width)
            {
                for (int j = 0; j < width; j += S.Count)
                {
                    V sum = bias;
                    T* w = weight;
                    for (int t = 0; t < taps; t++, w += next) sum = S.MultiplyAdd(S.Broadcast(*w), S.Load(x + j + work.Offsets[t]), sum);
                    Put(y + j, width - j, sum);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Put(T* y, int lanes, V value)
        {
            if (lanes >= S.Count) S.Store(y, value);
            else S.StorePart(y, lanes, value);
        }
    }

    private struct SpreadJob : IParallelJob
    {
        public ConvolutionArguments Operands;
        public int PerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            ConvolutionShape p = Operands.Shape;
            WindowPlane w = p.Plane;
            Workspace work = new(w);
            int whole = w.OutputWidth - w.OutputWidth % S.Count, rest = w.OutputWidth - whole;
            for (int unit = task * PerTask, end = Math.Min(unit + PerTask, p.Images * p.Channels); unit < end; unit++)
            {
                new Span<byte>(work.Plane, checked((int)(work.Elements * sizeof(T)))).Clear();
                for (int f = 0; f < p.GroupFilters; f++)
                {
                    T* weight = (T*)Operands.Weight + ((nint)(unit % p.Channels) * p.GroupFilters + f) * p.Taps;
                    for (int t = 0; t < p.Taps; t++)
                    {
                        // The filter's elements outside, so that no sum is read right after it was written.
                        T* g = (T*)Operands.Y + ((nint)unit * p.GroupFilters + f) * w.OutputPixels, dx = work.Plane + work.Offsets[t];
                        V factor = S.Broadcast(weight[t]);
                        for (int i = 0; i < w.OutputHeight; i++, dx += w.OutputStep, g += w.OutputWidth)
                        {
                            for (int j = 0; j < whole; j += S.Count) S.Store(dx + j, S.MultiplyAdd(factor, S.Load(g + j), S.Load(dx + j)));
                            if (rest != 0) S.StorePart(dx + whole, rest, S.MultiplyAdd(factor, S.LoadPart(g + whole, rest), S.LoadPart(dx + whole, rest)));
                        }
                    }
                }

                PlaneCopy<T, V, S>.Store(w, work.Plane, work.Rows, (T*)Operands.X + (nint)unit * w.ImagePixels);
            }
        }
    }

    private struct WeightJob : IParallelJob
    {
        public ConvolutionArguments Operands;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int channel)
        {
            ConvolutionShape p = Operands.Shape;
            WindowPlane w = p.Plane;
            Workspace work = new(w);
            int whole = w.OutputWidth - w.OutputWidth % S.Count, rest = w.OutputWidth - whole;
            for (int f = 0; f < p.GroupFilters; f++)
            {
                PlaneCopy<T, V, S>.Fill(work.Sums, p.Taps * S.Count, S.Constant(0));
                for (int n = 0; n < p.Images; n++)
                {
                    nint unit = (nint)n * p.Channels + channel;
                    PlaneCopy<T, V, S>.Load(w, (T*)Operands.X + unit * w.ImagePixels, 0, work.Rows, work.Plane, default);
                    for (int t = 0; t < p.Taps; t++)
                    {
                        T* x = work.Plane + work.Offsets[t], g = (T*)Operands.Y + (unit * p.GroupFilters + f) * w.OutputPixels;
                        V sum = S.Load(work.Sums + t * S.Count), sum2 = S.Constant(0);
                        for (int i = 0; i < w.OutputHeight; i++, x += w.OutputStep, g += w.OutputWidth)
                        {
                            for (int j = 0; j < whole; j += S.Count) sum = S.MultiplyAdd(S.Load(x + j), S.Load(g + j), sum);
                            if (rest != 0) sum2 = S.MultiplyAdd(S.LoadPart(x + whole, rest), S.LoadPart(g + whole, rest), sum2);
                        }

                        S.Store(work.Sums + t * S.Count, S.Add(sum, sum2));
                    }
                }

                T* dw = (T*)Operands.Weight + ((nint)channel * p.GroupFilters + f) * p.Taps;
                for (int t = 0; t < p.Taps; t++) dw[t] = S.Sum(S.Load(work.Sums + t * S.Count));
            }
        }
    }
}
