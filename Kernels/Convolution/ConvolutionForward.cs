using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>y [filters, pixels] = weight [filters, channels · taps] · columns, strip by strip; one task per image, group and strip.</summary>
internal unsafe struct ConvolutionForward : IConvolutionPass
{
    public static long SharedElements(in ConvolutionShape p, ConvolutionMethod method, int size) => method.ImageElements(p, reversed: false);

    public static bool HasManyTerms(in ConvolutionShape p) => p.GroupChannels * p.Meetings >= WinogradChoice.ManyTerms * p.OutputVolume;

    public static bool IsDirect(in ConvolutionShape p, int size) => DirectPlan.Fits(p, reversed: false, size);

    public static void Depthwise<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => DepthwiseConvolution<T, V, S>.Forward(p);

    public static void Direct<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => DirectConvolution<T, V, S>.Run(p, reversed: false);

    public static void SmallMap<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => SmallMapConvolution<T, V, S>.Forward(p);

    public static void Lines<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => LineConvolution<T, V, S>.Run(p, reversed: false);

    public static void Winograd<T, V, S, TTile>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TTile : struct, IWinogradTile => WinogradConvolution<T, V, S, TTile>.Run(p, reversed: false);

    public static void Columns<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        ConvolutionBlocks blocks = ConvolutionBlocks.ForForward(p.Shape, sizeof(T));
        Job<T, V, S> job = new() { Operands = p, Blocks = blocks };
        WindowDispatch.Share((long)p.Shape.Images * p.Shape.Groups * blocks.Strips, p.Shape.Products, ref job);
    }

    private struct Job<T, V, S> : IParallelJob
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public ConvolutionArguments Operands;
        public ConvolutionBlocks Blocks;

        public readonly void Execute(int task)
        {
            ConvolutionShape p = Operands.Shape;
            int strip = task % Blocks.Strips, group = task / Blocks.Strips % p.Groups, n = task / Blocks.Strips / p.Groups;
            int first = strip * Blocks.Pixels, filter = group * p.GroupFilters, taps = p.GroupChannels * p.Taps, volume = p.OutputVolume;
            T* x = (T*)Operands.X + ((nint)n * p.Channels + group * p.GroupChannels) * p.InputVolume;
            GemmArguments<T> product = new()
            {
                M = p.GroupFilters, N = Math.Min(Blocks.Pixels, volume - first),
                RowA = taps, ColA = 1, ColB = 1, RowC = volume, ColC = 1,
                C = (T*)Operands.Y + ((nint)n * p.Filters + filter) * volume + first,
                RowBias = Operands.Bias == 0 ? null : (T*)Operands.Bias + filter,
            };
            for (int q = 0; q < p.GroupPlanes; q += Blocks.Planes)
            {
                int planes = Math.Min(Blocks.Planes, p.GroupPlanes - q);
                product.K = planes * p.PlaneTaps;
                product.A = (T*)Operands.Weight + (nint)filter * taps + q * p.PlaneTaps;
                product.B = ConvolutionColumns<T, V, S>.Gather(p, x, q, planes, first, product.N, out product.RowB);
                Gemm.Run<T, V, S>(product, Gemm.OwnThread);
                product.Accumulate = true;
                product.RowBias = null;
            }
        }
    }
}
