using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Convolutions whose filters see one channel: too few products per element for a matrix product. The planes of a channel that an output plane reads
/// stay in L1 and are read (or added to) directly, one element of the filter after the other.
/// </summary>
internal static unsafe class DepthwiseConvolution<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    // Fewer elements are not worth a task.
    private const int TaskElements = 16 << 10;

    public static void Forward(in ConvolutionArguments p)
    {
        CorrelateJob job = new()
        {
            Shape = p.Shape, Filters = p.Shape.GroupFilters, From = (T*)p.X, Weight = (T*)p.Weight, Bias = (T*)p.Bias, To = (T*)p.Y,
        };
        Share(p.Shape, ref job.PerTask, ref job);
    }

    /// <summary>At stride 1 the correlation of the output's gradient with the reversed filter; else the gradient is spread over the planes.</summary>
    public static void InputGradient(in ConvolutionArguments p)
    {
        if (p.Shape.GroupFilters == 1 && p.Shape.IsReversible)
        {
            CorrelateJob reversed = new() { Shape = p.Shape.Reverse(), Reversed = true, Filters = 1, From = (T*)p.Y, Weight = (T*)p.Weight, To = (T*)p.X };
            Share(p.Shape, ref reversed.PerTask, ref reversed);
            return;
        }

        SpreadJob job = new() { Operands = p };
        Share(p.Shape, ref job.PerTask, ref job);
    }

    /// <summary>A task owns channels and adds up their images in order.</summary>
    public static void WeightGradient(in ConvolutionArguments p)
    {
        WeightJob job = new() { Operands = p };
        WindowDispatch.Share(p.Shape.Channels, p.Shape.Products, ref job);
    }

    /// <summary>The usual filter, which <see cref="DepthwiseSquare{T, V, S}"/> is written for.</summary>
    private static bool IsSmallSquare(in ConvolutionShape p)
        => p.Depth.Size == 1 && p.Plane.Vertical is { Size: 3, Stride: 1, Dilation: 1 } && p.Plane.Horizontal is { Size: 3, Stride: 1, Dilation: 1 };

    private static void Share<TJob>(in ConvolutionShape p, ref int perTask, ref TJob job) where TJob : struct, IParallelJob
    {
        int planes = p.Images * p.Channels;
        perTask = Math.Max(1, TaskElements / Math.Max(p.InputVolume, p.OutputVolume));
        WindowDispatch.Share((planes + perTask - 1) / perTask, p.Products, ref job);
    }

    /// <summary>The planes of one channel that an output plane reads, the filter's offsets in them, and room for a vector of sums per element of the filter.</summary>
    private readonly struct Workspace
    {
        public readonly nint* Offsets;
        public readonly T* Sums, Planes;
        public readonly int Rows;
        public readonly nint Elements;      // of a plane

        public Workspace(in ConvolutionShape p)
        {
            WindowPlane w = p.Plane;
            Rows = w.RowsFor(w.OutputHeight);
            Elements = (nint)Rows * w.RowLength;
            Sums = (T*)WindowWorkspace.Rent(p.Taps * (S.Count * sizeof(T) + sizeof(nint)) + (p.Depth.Size * Elements + S.Count) * sizeof(T));
            Offsets = (nint*)(Sums + p.Taps * S.Count);
            Planes = (T*)(Offsets + p.Taps);
            for (int a = 0, t = 0; a < p.Depth.Size; a++)
                for (int r = 0; r < w.Vertical.Size; r++)
                    for (int s = 0; s < w.Horizontal.Size; s++) Offsets[t++] = a * Elements + w.Tap(r, s);
        }

        /// <summary>Brings what output plane d reads of a channel.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Load(in ConvolutionShape p, T* channel, int d)
        {
            for (int a = 0; a < p.Depth.Size; a++)
            {
                int z = p.InputPlane(d, a);
                if (z < 0) PlaneCopy<T, V, S>.Fill(Planes + a * Elements, (int)Elements, S.Constant(0));
                else PlaneCopy<T, V, S>.Load(p.Plane, channel + (nint)z * p.Plane.ImagePixels, 0, Rows, Planes + a * Elements, default);
            }
        }
    }

    /// <summary>y = bias + correlation of x with each of its channel's filters.</summary>
    private struct CorrelateJob : IParallelJob
    {
        public ConvolutionShape Shape;
        public int Filters, PerTask;
        public bool Reversed;
        public T* From, Weight, Bias, To;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            ConvolutionShape p = Shape;
            Workspace work = new(p);
            for (int unit = task * PerTask, end = Math.Min(unit + PerTask, p.Images * p.Channels); unit < end; unit++)
            {
                for (int d = 0; d < p.OutputDepth; d++)
                {
                    work.Load(p, From + (nint)unit * p.InputVolume, d);
                    for (int f = 0; f < Filters; f++)
                        Filter(p, work, unit % p.Channels * Filters + f, To + ((nint)unit * Filters + f) * p.OutputVolume + (nint)d * p.Plane.OutputPixels);
                }
            }
        }

        /// <summary>Four rows at a time share the filter's broadcasts.</summary>
        private readonly void Filter(in ConvolutionShape p, in Workspace work, int filter, T* y)
        {
            if (IsSmallSquare(p))
            {
                T* reversed = stackalloc T[9], w = Weight + (nint)filter * 9;
                for (int t = 0; t < 9; t++) reversed[t] = w[Reversed ? 8 - t : t];
                DepthwiseSquare<T, V, S>.Correlate(p.Plane, work.Planes, reversed, Bias == null ? default : Bias[filter], y);
                return;
            }

            AnyFilter(p, work, filter, y);
        }

        [MethodImpl(HotLoop.Options)]
        private readonly void AnyFilter(in ConvolutionShape p, in Workspace work, int filter, T* y)
        {
            int taps = p.Taps, width = p.Plane.OutputWidth, height = p.Plane.OutputHeight, next = Reversed ? -1 : 1;
            nint step = p.Plane.OutputStep;
            T* x = work.Planes, weight = Weight + (nint)filter * taps + (Reversed ? taps - 1 : 0);
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

                    Lanes.Store<T, V, S>(y + j, width - j, sum0);
                    Lanes.Store<T, V, S>(y + width + j, width - j, sum1);
                    Lanes.Store<T, V, S>(y + 2 * width + j, width - j, sum2);
                    Lanes.Store<T, V, S>(y + 3 * width + j, width - j, sum3);
                }
            }

            for (; i < height; i++, x += step, y += width)
            {
                for (int j = 0; j < width; j += S.Count)
                {
                    V sum = bias;
                    T* w = weight;
                    for (int t = 0; t < taps; t++, w += next) sum = S.MultiplyAdd(S.Broadcast(*w), S.Load(x + j + work.Offsets[t]), sum);
                    Lanes.Store<T, V, S>(y + j, width - j, sum);
                }
            }
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
            Workspace work = new(p);
            for (int unit = task * PerTask, end = Math.Min(unit + PerTask, p.Images * p.Channels); unit < end; unit++)
            {
                for (int z = 0; z < p.InputDepth; z++)
                {
                    new Span<byte>(work.Planes, checked((int)(work.Elements * sizeof(T)))).Clear();
                    for (int a = 0; a < p.Depth.Size; a++)
                    {
                        int d = p.OutputPlane(z, a);
                        for (int f = 0; f < p.GroupFilters && d >= 0; f++)
                        {
                            Spread(p.Plane, work, (T*)Operands.Weight + ((nint)(unit % p.Channels) * p.GroupFilters + f) * p.Taps + a * p.PlaneTaps,
                                (T*)Operands.Y + ((nint)unit * p.GroupFilters + f) * p.OutputVolume + (nint)d * p.Plane.OutputPixels);
                        }
                    }

                    PlaneCopy<T, V, S>.Store(p.Plane, work.Planes, work.Rows, (T*)Operands.X + (nint)unit * p.InputVolume + (nint)z * p.Plane.ImagePixels);
                }
            }
        }

        /// <summary>Adds what one plane of the gradient hands back through one plane of the filter.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Spread(in WindowPlane w, in Workspace work, T* weight, T* gradient)
        {
            int whole = w.OutputWidth - w.OutputWidth % S.Count, rest = w.OutputWidth - whole, taps = w.Vertical.Size * w.Horizontal.Size;
            for (int t = 0; t < taps; t++)
            {
                // The filter's elements outside, so that no sum is read right after it was written.
                T* g = gradient, dx = work.Planes + work.Offsets[t];
                V factor = S.Broadcast(weight[t]);
                for (int i = 0; i < w.OutputHeight; i++, dx += w.OutputStep, g += w.OutputWidth)
                {
                    for (int j = 0; j < whole; j += S.Count) S.Store(dx + j, S.MultiplyAdd(factor, S.Load(g + j), S.Load(dx + j)));
                    if (rest != 0) S.StorePart(dx + whole, rest, S.MultiplyAdd(factor, S.LoadPart(g + whole, rest), S.LoadPart(dx + whole, rest)));
                }
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
            Workspace work = new(p);
            for (int f = 0; f < p.GroupFilters; f++)
            {
                PlaneCopy<T, V, S>.Fill(work.Sums, p.Taps * S.Count, S.Constant(0));
                for (int n = 0; n < p.Images; n++)
                {
                    nint unit = (nint)n * p.Channels + channel;
                    for (int d = 0; d < p.OutputDepth; d++)
                    {
                        work.Load(p, (T*)Operands.X + unit * p.InputVolume, d);
                        Add(p, work, (T*)Operands.Y + (unit * p.GroupFilters + f) * p.OutputVolume + (nint)d * p.Plane.OutputPixels);
                    }
                }

                T* dw = (T*)Operands.Weight + ((nint)channel * p.GroupFilters + f) * p.Taps;
                for (int t = 0; t < p.Taps; t++) dw[t] = S.Sum(S.Load(work.Sums + t * S.Count));
            }
        }

        /// <summary>Adds the products of one plane of the gradient with what each element of the filter reads.</summary>
        private static void Add(in ConvolutionShape p, in Workspace work, T* gradient)
        {
            if (IsSmallSquare(p))
            {
                DepthwiseSquare<T, V, S>.AddProducts(p.Plane, work.Planes, gradient, work.Sums);
                return;
            }

            AddAny(p, work, gradient);
        }

        [MethodImpl(HotLoop.Options)]
        private static void AddAny(in ConvolutionShape p, in Workspace work, T* gradient)
        {
            WindowPlane w = p.Plane;
            int whole = w.OutputWidth - w.OutputWidth % S.Count, rest = w.OutputWidth - whole, taps = p.Taps;
            for (int t = 0; t < taps; t++)
            {
                T* x = work.Planes + work.Offsets[t], g = gradient;
                V sum = S.Load(work.Sums + t * S.Count), sum2 = S.Constant(0);
                for (int i = 0; i < w.OutputHeight; i++, x += w.OutputStep, g += w.OutputWidth)
                {
                    for (int j = 0; j < whole; j += S.Count) sum = S.MultiplyAdd(S.Load(x + j), S.Load(g + j), sum);
                    if (rest != 0) sum2 = S.MultiplyAdd(S.LoadPart(x + whole, rest), S.LoadPart(g + whole, rest), sum2);
                }

                S.Store(work.Sums + t * S.Count, S.Add(sum, sum2));
            }
        }
    }
}
