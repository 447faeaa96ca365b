using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Convolutions along lines, with stride 1: what element s of the window reads is the bordered line, shifted by s. So no columns are gathered: each output is a sum of products
/// [channels made, channels read] · [channels read, pixels], one per element, all by the same lines, which stay in L2. The input gradient is one as well, from back to front.
/// </summary>
internal static unsafe class LineConvolution<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>y from x and the weight, or dx from g and the weight.</summary>
    public static void Run(in ConvolutionArguments p, bool reversed)
    {
        ConvolutionShape shape = p.Shape.Directed(reversed);
        nint row = CacheLines.Odd(shape.GroupChannels);
        TurnJob turn = new() { Shape = shape, Reversed = reversed, RowA = row, Weight = (T*)p.Weight, To = (T*)p.Shared };
        WindowDispatch.Share((long)shape.Groups * shape.GroupFilters, (double)shape.Weight.Count, ref turn);
        Job job = new()
        {
            Shape = shape, Strips = LineConvolution.Strips(shape), Image = (T*)p.Read(reversed), Weight = turn.To, RowA = row, Bias = (T*)p.Bias, To = (T*)p.Made(reversed),
        };
        WindowDispatch.Share((long)shape.Images * shape.Groups * job.Strips, shape.Products, ref job);
    }

    /// <summary>The filters as [group][tap][channel made][channel read].</summary>
    private struct TurnJob : IParallelJob
    {
        public ConvolutionShape Shape;
        public bool Reversed;
        public nint RowA;
        public T* Weight, To;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            int read = Shape.GroupChannels, made = Shape.GroupFilters, taps = Shape.Taps, group = task / made, m = task % made;
            T* from = Weight + (nint)group * made * read * taps + (Reversed ? (nint)m * taps : (nint)m * read * taps);
            nint next = Reversed ? (nint)made * taps : taps;
            for (int t = 0; t < taps; t++)
            {
                T* tap = from + (Reversed ? taps - 1 - t : t), to = To + (((nint)group * taps + t) * made + m) * RowA;
                for (int c = 0; c < read; c++) to[c] = tap[c * next];
            }
        }
    }

    /// <summary>One task per image, group and strip of pixels.</summary>
    private struct Job : IParallelJob
    {
        public ConvolutionShape Shape;
        public int Strips;
        public T* Image, Weight, Bias, To;
        public nint RowA;

        public readonly void Execute(int task)
        {
            ConvolutionShape p = Shape;
            int strip = task % Strips, group = task / Strips % p.Groups, n = task / Strips / p.Groups, length = p.OutputVolume, read = p.GroupChannels, made = p.GroupFilters;
            int unit = 2 * S.Count, units = (length + unit - 1) / unit;
            int first = (int)((long)strip * units / Strips) * unit, end = Math.Min((int)((strip + 1L) * units / Strips) * unit, length);
            nint row = ConvolutionColumns<T, V, S>.Row(p.Plane.RowLength), slack = 2 * S.Count;
            T* lines = (T*)WindowWorkspace.Rent((read * row + 2 * slack) * sizeof(T)) + slack, image = Image + ((nint)n * p.Groups + group) * read * p.InputVolume;
            for (int c = 0; c < read; c++) PlaneCopy<T, V, S>.Load(p.Plane, image + (nint)c * p.InputVolume, 0, 1, lines + c * row, default);
            Gemm.Run<T, V, S>(new()
            {
                M = made, N = end - first, K = read, Taps = p.Taps,
                A = Weight + (nint)group * p.Taps * made * RowA, RowA = RowA, ColA = 1, TapA = made * RowA,
                B = lines + first, RowB = row, ColB = 1, TapB = p.Plane.Horizontal.Dilation,
                C = To + ((nint)n * p.Groups + group) * made * length + first, RowC = length, ColC = 1,
                RowBias = Bias == null ? null : Bias + (nint)group * made,
            }, Gemm.OwnThread);
        }
    }
}

/// <summary>When convolutions go along lines, and how they are cut: from the sizes alone.</summary>
internal static class LineConvolution
{
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

    /// <summary>Elements of the filters as they are read: from one channel made to the next an odd number of cache lines.</summary>
    public static long Elements(in ConvolutionShape p) => p.Filters * p.Taps * CacheLines.Odd(p.GroupChannels);
}
