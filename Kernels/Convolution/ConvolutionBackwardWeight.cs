using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// dwᵀ [channels · taps, filters] += columns · gᵀ [pixels, filters]; one task per block of images, group and chunk of channels. The blocks' sums
/// are then added in order and transposed.
/// </summary>
internal unsafe struct ConvolutionBackwardWeight : IConvolutionPass
{
    public static long SharedElements(in ConvolutionShape p, ConvolutionMethod method, int size) => method switch
    {
        ConvolutionMethod.Columns or ConvolutionMethod.Lines => Math.Max(ConvolutionBlocks.ForWeightGradient(p, size).ImageBlocks, 1) * p.Weight.Count,
        ConvolutionMethod.SmallMap => p.UsedCopy,
        ConvolutionMethod.Direct => DirectPlan.SumElements(p),
        ConvolutionMethod.Winograd2 or ConvolutionMethod.Winograd4 => WinogradPlan.ForWeightGradient(p, method.Tile()).GradientElements,
        _ => 0,
    };

    public static bool HasManyTerms(in ConvolutionShape p) => p.Images * p.Meetings >= WinogradChoice.ManyFilterTerms * p.Taps;

    public static bool IsDirect(in ConvolutionShape p, int size) => DirectPlan.FitsGradient(p, size);

    public static void Depthwise<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => DepthwiseConvolution<T, V, S>.WeightGradient(p);

    public static void Direct<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => DirectWeightGradient<T, V, S>.Run(p);

    public static void SmallMap<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => SmallMapConvolution<T, V, S>.WeightGradient(p);

    /// <summary>Its sums go along the lines: they take columns.</summary>
    public static void Lines<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => Columns<T, V, S>(p);

    public static void Winograd<T, V, S, TTile>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TTile : struct, IWinogradTile => WinogradWeightGradient<T, V, S, TTile>.Run(p);

    public static void Columns<T, V, S>(in ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        ConvolutionBlocks blocks = ConvolutionBlocks.ForWeightGradient(p.Shape, sizeof(T));
        SumJob<T, V, S> sums = new() { Operands = p, Blocks = blocks };
        WindowDispatch.Share((long)blocks.ImageBlocks * p.Shape.Groups * blocks.Chunks, p.Shape.Products, ref sums);
        CombineJob<T, V, S> combine = new() { Operands = p, Blocks = blocks };
        WindowDispatch.Share((long)p.Shape.Groups * combine.Tiles, (double)p.Shape.Weight.Count * (1 + blocks.ImageBlocks), ref combine);
    }

    private struct SumJob<T, V, S> : IParallelJob
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public ConvolutionArguments Operands;
        public ConvolutionBlocks Blocks;

        public readonly void Execute(int task)
        {
            ConvolutionShape p = Operands.Shape;
            int chunk = task % Blocks.Chunks, group = task / Blocks.Chunks % p.Groups, block = task / Blocks.Chunks / p.Groups;
            int q = chunk * Blocks.Planes, planes = Math.Min(Blocks.Planes, p.GroupPlanes - q), filters = p.GroupFilters, volume = p.OutputVolume;
            GemmArguments<T> product = new()
            {
                M = planes * p.PlaneTaps, N = filters, ColA = 1, RowB = 1, ColB = volume, RowC = filters, ColC = 1,
                C = (T*)Operands.Shared + (((nint)block * p.Groups + group) * p.GroupPlanes + q) * p.PlaneTaps * filters,
            };
            int begin = (int)((long)block * p.Images / Blocks.ImageBlocks), end = (int)((block + 1L) * p.Images / Blocks.ImageBlocks);
            for (int n = begin; n < end; n++)
            {
                T* x = (T*)Operands.X + ((nint)n * p.Channels + group * p.GroupChannels) * p.InputVolume;
                T* g = (T*)Operands.Y + ((nint)n * p.Filters + group * filters) * volume;
                for (int first = 0; first < volume; first += Blocks.Pixels)
                {
                    product.K = Math.Min(Blocks.Pixels, volume - first);
                    product.A = ConvolutionColumns<T, V, S>.Gather(p, x, q, planes, first, product.K, out product.RowA);
                    product.B = g + first;
                    Gemm.Run<T, V, S>(product, Gemm.OwnThread);
                    product.Accumulate = true;
                }
            }
        }
    }

    private struct CombineJob<T, V, S> : IParallelJob
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        private const int TileRows = 64;

        public ConvolutionArguments Operands;
        public ConvolutionBlocks Blocks;

        public readonly int Tiles => (Operands.Shape.GroupChannels * Operands.Shape.Taps + TileRows - 1) / TileRows;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            ConvolutionShape p = Operands.Shape;
            int taps = p.GroupChannels * p.Taps, group = task / Tiles, row = task % Tiles * TileRows, rows = Math.Min(TileRows, taps - row), filters = p.GroupFilters;
            T* sums = (T*)Operands.Shared + ((nint)group * taps + row) * filters, dw = (T*)Operands.Weight + (nint)group * filters * taps + row;
            nint block = (nint)taps * p.Filters;
            int count = rows * filters;
            if (Blocks.ImageBlocks == 0) PlaneCopy<T, V, S>.Fill(sums, count, S.Constant(0));
            for (int b = 1; b < Blocks.ImageBlocks; b++)
            {
                T* more = sums + b * block;
                int i = 0;
                for (; i <= count - S.Count; i += S.Count) S.Store(sums + i, S.Add(S.Load(sums + i), S.Load(more + i)));
                for (; i < count; i++) sums[i] += more[i];
            }

            for (int k = 0; k < filters; k++)
                for (int i = 0; i < rows; i++) dw[(nint)k * taps + i] = sums[(nint)i * filters + k];
        }
    }
}
