using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>columns = weightᵀ [channels · taps, filters] · g [filters, pixels], added up in the image; one task per image, chunk of channels and slab of planes.</summary>
internal unsafe struct ConvolutionBackwardInput : IConvolutionPass
{
    public static long SharedElements(in ConvolutionShape p, ConvolutionMethod method, int size) => method.ImageElements(p, reversed: true);

    public static bool HasManyTerms(in ConvolutionShape p) => p.GroupFilters * p.Meetings >= WinogradChoice.ManyTerms * p.InputVolume;

    public static bool IsDirect(in ConvolutionShape p, int size) => DirectPlan.Fits(p, reversed: true, size);

    public static void Depthwise<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => DepthwiseConvolution<T, V, S>.InputGradient(p);

    public static void Direct<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => DirectConvolution<T, V, S>.Run(p, reversed: true);

    public static void SmallMap<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => SmallMapConvolution<T, V, S>.InputGradient(p);

    public static void Lines<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => LineConvolution<T, V, S>.Run(p, reversed: true);

    public static void Winograd<T, V, S, TTile>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TTile : struct, IWinogradTile => WinogradConvolution<T, V, S, TTile>.Run(p, reversed: true);

    public static void Columns<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        ConvolutionBlocks blocks = ConvolutionBlocks.ForInputGradient(p.Shape, sizeof(T));
        Job<T, V, S> job = new() { Operands = p, Blocks = blocks };
        WindowDispatch.Share((long)p.Shape.Images * p.Shape.Groups * blocks.Chunks * blocks.Slabs, p.Shape.Products, ref job);
    }

    private struct Job<T, V, S> : IParallelJob
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public ConvolutionArguments Operands;
        public ConvolutionBlocks Blocks;

        public readonly void Execute(int task)
        {
            ConvolutionShape p = Operands.Shape;
            int slab = task % Blocks.Slabs, chunk = task / Blocks.Slabs % Blocks.Chunks, group = task / Blocks.Slabs / Blocks.Chunks % p.Groups, n = task / Blocks.Slabs / Blocks.Chunks / p.Groups;
            int c = chunk * Blocks.Planes, channels = Math.Min(Blocks.Planes, p.GroupChannels - c), filter = group * p.GroupFilters, volume = p.OutputVolume;
            PlaneRange range = new(slab * Blocks.SlabDepth, Math.Min((slab + 1) * Blocks.SlabDepth, p.InputDepth));
            T* dx = (T*)Operands.X + ((nint)n * p.Channels + group * p.GroupChannels + c) * p.InputVolume;
            T* g = (T*)Operands.Y + ((nint)n * p.Filters + filter) * volume, weight = (T*)Operands.Weight + ((nint)filter * p.GroupChannels + c) * p.Taps;
            GemmArguments<T> product = new()
            {
                K = p.GroupFilters, RowA = 1, ColA = (nint)p.GroupChannels * p.Taps, RowB = volume, ColB = 1, RowC = p.InputVolume, ColC = 1,
            };
            T* planes = null;
            product.C = p.IsPointwise ? dx : ConvolutionColumns<T, V, S>.Start(p, channels, range.Count, Blocks.Pixels, out planes, out product.RowC);

            // All output planes at once; or, for one slab of several, one after the other with that part of the window which hands something to it.
            int section = Blocks.Slabs > 1 ? p.Plane.OutputPixels : volume;
            for (int start = 0; start < volume; start += section)
            {
                PlaneRange part = Blocks.Slabs > 1 ? range.Window(p, start / section) : new(0, p.Depth.Size);
                if (part.Count <= 0) continue;
                product.M = channels * part.Count * p.PlaneTaps;
                product.A = weight + part.First * p.PlaneTaps;
                for (int first = start; first < start + section; first += Blocks.Pixels)
                {
                    product.N = Math.Min(Blocks.Pixels, start + section - first);
                    product.B = g + first;
                    Gemm.Run<T, V, S>(product, Gemm.OwnThread);
                    if (p.IsPointwise) product.C += product.N;
                    else ConvolutionColumns<T, V, S>.Scatter(p, product.C, product.RowC, channels, range, part, first, product.N, planes);
                }
            }

            if (!p.IsPointwise) ConvolutionColumns<T, V, S>.Finish(p, planes, channels, range, dx);
        }
    }
}
