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
        ForwardJob job = new() { Operands = p };
        Share(p.Shape, ref job.PerTask, p.Shape.Images * p.Shape.Channels, ref job);
    }

    public static void InputGradient(ref ConvolutionArguments p)
    {
        InputJob job = new() { Operands = p };
        Share(p.Shape, ref job.PerTask, p.Shape.Images * p.Shape.Channels, ref job);
    }

    /// <summary>A task owns channels and adds up their images in order.</summary>
    public static void WeightGradient(ref ConvolutionArguments p)
    {
        WeightJob job = new() { Operands = p };
        WindowDispatch.Share(p.Shape.Channels, p.Shape.Products, ref job);
    }

    private static void Share<TJob>(in ConvolutionShape p, ref int perTask, int planes, ref TJob job) where TJob : struct, IParallelJob
    {
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

        public Workspace(in ConvolutionShape p)
        {
            WindowPlane w = p.Plane;
            Rows = w.RowsFor(w.OutputHeight);
            Elements = (nint)Rows * w.RowLength;
            Sums = (T*)WindowWorkspace.Rent(p.Taps * (S.Count * sizeof(T) + sizeof(nint)) + (Elements + S.Count) * sizeof(T));
            Offsets = (nint*)(Sums + p.Taps * S.Count);
            Plane = (T*)(Offsets + p.Taps);
            for (int r = 0, t = 0; r < w.Vertical.Size; r++)
                for (int s = 0; s < w.Horizontal.Size; s++) Offsets[t++] = w.Tap(r, s);
        }
    }

    private struct ForwardJob : IParallelJob
    {
        public ConvolutionArguments Operands;
        public int PerTask;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Execute(int task)
        {
            ConvolutionShape p = Operands.Shape;
            WindowPlane w = p.Plane;
            Workspace work = new(p);
            for (int unit = task * PerTask, end = Math.Min(unit + PerTask, p.Images * p.Channels); unit < end; unit++)
            {
                PlaneCopy<T, V, S>.Load(w, (T*)Operands.X + (nint)unit * w.ImagePixels, 0, work.Rows, work.Plane, default);
                for (int f = 0; f < p.GroupFilters; f++)
                {
                    int filter = unit % p.Channels * p.GroupFilters + f;
                    T* weight = (T*)Operands.Weight + (nint)filter * p.Taps, y = (T*)Operands.Y + ((nint)unit * p.GroupFilters + f) * w.OutputPixels, x = work.Plane;
                    V bias = Operands.Bias == 0 ? S.Constant(0) : S.Broadcast(((T*)Operands.Bias)[filter]);
                    for (int i = 0; i < w.OutputHeight; i++, x += w.OutputStep, y += w.OutputWidth)
                    {
                        for (int j = 0; j < w.OutputWidth; j += S.Count)
                        {
                            V sum = bias;
                            for (int t = 0; t < p.Taps; t++) sum = S.MultiplyAdd(S.Broadcast(weight[t]), S.Load(x + j + work.Offsets[t]), sum);
                            if (j <= w.OutputWidth - S.Count) S.Store(y + j, sum);
                            else S.StorePart(y + j, w.OutputWidth - j, sum);
                        }
                    }
                }
            }
        }
    }

    private struct InputJob : IParallelJob
    {
        public ConvolutionArguments Operands;
        public int PerTask;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Execute(int task)
        {
            ConvolutionShape p = Operands.Shape;
            WindowPlane w = p.Plane;
            Workspace work = new(p);
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

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Execute(int channel)
        {
            ConvolutionShape p = Operands.Shape;
            WindowPlane w = p.Plane;
            Workspace work = new(p);
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
