using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>columns = weightᵀ [channels · taps, filters] · g [filters, pixels], added up in the image; one task per image and chunk of channels.</summary>
internal unsafe struct ConvolutionBackwardInput : IWindowPass<ConvolutionArguments>
{
    public static void Run<T, V, S>(ref ConvolutionArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        if (DepthwiseConvolution<T, V, S>.Fits(p.Shape))
        {
            DepthwiseConvolution<T, V, S>.InputGradient(ref p);
            return;
        }

        if (SmallMaps.Fits(p.Shape, sizeof(T)))
        {
            SmallMapConvolution<T, V, S>.InputGradient(p);
            return;
        }

        ConvolutionBlocks blocks = ConvolutionBlocks.ForInputGradient(p.Shape, sizeof(T));
        Job<T, V, S> job = new() { Operands = p, Blocks = blocks };
        WindowDispatch.Share((long)p.Shape.Images * p.Shape.Groups * blocks.Chunks, p.Shape.Products, ref job);
    }

    private struct Job<T, V, S> : IParallelJob
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public ConvolutionArguments Operands;
        public ConvolutionBlocks Blocks;

        public readonly void Execute(int task)
        {
            ConvolutionShape p = Operands.Shape;
            int chunk = task % Blocks.Chunks, group = task / Blocks.Chunks % p.Groups, n = task / Blocks.Chunks / p.Groups;
            int c = chunk * Blocks.Channels, channels = Math.Min(Blocks.Channels, p.GroupChannels - c), filter = group * p.GroupFilters;
            T* dx = (T*)Operands.X + ((nint)n * p.Channels + group * p.GroupChannels + c) * p.Plane.ImagePixels;
            T* g = (T*)Operands.Y + ((nint)n * p.Filters + filter) * p.Plane.OutputPixels;
            GemmArguments<T> product = new()
            {
                M = channels * p.Taps, K = p.GroupFilters,
                A = (T*)Operands.Weight + ((nint)filter * p.GroupChannels + c) * p.Taps, RowA = 1, ColA = (nint)p.GroupChannels * p.Taps,
                RowB = p.Plane.OutputPixels, ColB = 1, ColC = 1,
            };
            T* planes = null;
            product.RowC = p.Plane.ImagePixels;
            product.C = p.IsPointwise ? dx : ConvolutionColumns<T, V, S>.Start(p, channels, Blocks.Pixels, out planes, out product.RowC);
            for (int first = 0; first < p.Plane.OutputPixels; first += Blocks.Pixels)
            {
                product.N = Math.Min(Blocks.Pixels, p.Plane.OutputPixels - first);
                product.B = g + first;
                Gemm.Run<T, V, S>(product, ConvolutionForward.OwnThread);
                if (p.IsPointwise) product.C += product.N;
                else ConvolutionColumns<T, V, S>.Scatter(p, product.C, product.RowC, channels, first, product.N, planes);
            }

            if (!p.IsPointwise) ConvolutionColumns<T, V, S>.Finish(p, planes, channels, dx);
        }
    }
}
