using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Convolutions along lines, with stride 1: what element s of the window reads is the bordered line, shifted by s. So no columns are gathered: each output is a sum of products
/// [channels made, channels read] · [channels read, pixels], one per element, all by the same lines, which stay in L2. The input gradient is one as well, from back to front.
/// </summary>
internal static unsafe class LineConvolution<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>y from x and the weight.</summary>
    public static void Forward(in ConvolutionArguments p) => Run(new() { P = p.Shape, Read = p.Shape.GroupChannels, Made = p.Shape.GroupFilters, Image = (T*)p.X, Bias = (T*)p.Bias, To = (T*)p.Y }, p);

    /// <summary>dx from g and the weight.</summary>
    public static void InputGradient(in ConvolutionArguments p)
        => Run(new() { P = p.Shape.Reverse(), Read = p.Shape.GroupFilters, Made = p.Shape.GroupChannels, Image = (T*)p.Y, To = (T*)p.X, Reversed = true }, p);

    private static void Run(Job job, in ConvolutionArguments p)
    {
        job.RowA = (nint)LineConvolution.Row(job.Read);
        job.Weight = (T*)p.Shared;
        TurnJob turn = new() { Lines = job, Weight = (T*)p.Weight, To = (T*)p.Shared };
        WindowDispatch.Share((long)job.P.Groups * job.Made, (double)p.Shape.Weight.Count, ref turn);
        job.Strips = LineConvolution.Strips(job.P);
        WindowDispatch.Share((long)job.P.Images * job.P.Groups * job.Strips, job.P.Products, ref job);
    }

    /// <summary>The filters as [group][tap][channel made][channel read].</summary>
    private struct TurnJob : IParallelJob
    {
        public Job Lines;
        public T* Weight, To;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            int read = Lines.Read, made = Lines.Made, taps = Lines.P.Taps, group = task / made, m = task % made;
            T* from = Weight + (nint)group * made * read * taps + (Lines.Reversed ? (nint)m * taps : (nint)m * read * taps);
            nint next = Lines.Reversed ? (nint)made * taps : taps;
            for (int t = 0; t < taps; t++)
            {
                T* tap = from + (Lines.Reversed ? taps - 1 - t : t), to = To + (((nint)group * taps + t) * made + m) * Lines.RowA;
                for (int c = 0; c < read; c++) to[c] = tap[c * next];
            }
        }
    }

    /// <summary>One task per image, group and strip of pixels.</summary>
    private struct Job : IParallelJob
    {
        public ConvolutionShape P;
        public int Read, Made, Strips;
        public T* Image, Weight, Bias, To;
        public nint RowA;
        public bool Reversed;

        public readonly void Execute(int task)
        {
            int strip = task % Strips, group = task / Strips % P.Groups, n = task / Strips / P.Groups, length = P.OutputVolume;
            int unit = 2 * S.Count, units = (length + unit - 1) / unit;
            int first = (int)((long)strip * units / Strips) * unit, end = Math.Min((int)((strip + 1L) * units / Strips) * unit, length);
            nint row = ConvolutionColumns<T, V, S>.Row(P.Plane.RowLength), slack = 2 * S.Count;
            T* lines = (T*)WindowWorkspace.Rent((Read * row + 2 * slack) * sizeof(T)) + slack, image = Image + ((nint)n * P.Groups + group) * Read * P.InputVolume;
            for (int c = 0; c < Read; c++) PlaneCopy<T, V, S>.Load(P.Plane, image + (nint)c * P.InputVolume, 0, 1, lines + c * row, default);
            Gemm.Run<T, V, S>(new()
            {
                M = Made, N = end - first, K = Read, Taps = P.Taps,
                A = Weight + (nint)group * P.Taps * Made * RowA, RowA = RowA, ColA = 1, TapA = Made * RowA,
                B = lines + first, RowB = row, ColB = 1, TapB = P.Plane.Horizontal.Dilation,
                C = To + ((nint)n * P.Groups + group) * Made * length + first, RowC = length, ColC = 1,
                RowBias = Bias == null ? null : Bias + (nint)group * Made,
            }, ConvolutionForward.OwnThread);
        }
    }
}

/// <summary>When convolutions go along lines, and how they are cut: from the sizes alone.</summary>
internal static class LineConvolution
{
    // A cache line.
    private const int Line = 16;

    // Channels below which columns cost less, terms whose filters stay in L1 a few rows at a time, and pixels that a task is worth.
    private const int LeastChannels = 16, MostTerms = 640, LeastPixels = 128;

    // Bytes of an image's lines that stay in L2, and tasks that keep a good number of cores busy.
    private const int MostBytes = 512 << 10, Tasks = 16;

    /// <summary>Whether both passes can go along lines and gain by it.</summary>
    public static bool Fits(in ConvolutionShape p, int size)
    {
        int least = Math.Min(p.GroupChannels, p.GroupFilters), most = Math.Max(p.GroupChannels, p.GroupFilters);
        return !p.IsVolume && p.Plane is { Height: 1, OutputHeight: 1, Vertical.Size: 1, Horizontal.Size: > 1 } && p.IsReversible
            && least >= LeastChannels && most * p.Taps <= MostTerms && p.OutputVolume >= LeastPixels && (long)most * p.Plane.RowLength * size <= MostBytes;
    }

    /// <summary>Strips of an image.</summary>
    public static int Strips(in ConvolutionShape p) => Math.Clamp(Tasks / Math.Max(p.Images * p.Groups, 1), 1, Math.Max(1, p.OutputVolume / LeastPixels));

    /// <summary>From one channel made to the next: an odd number of cache lines, against set conflicts.</summary>
    public static long Row(int read) => ((read + Line - 1) / Line | 1) * Line;

    /// <summary>Elements of the filters as they are read.</summary>
    public static long Elements(in ConvolutionShape p, int read, int made) => p.Groups * p.Taps * made * Row(read);
}
