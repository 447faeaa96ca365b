using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Fused convolutions as products [pixels, what a window sees] · [what a window sees, filters], whose right side was packed beforehand and whose result is the image with
/// its channels last. Whole registers of filters, however few pixels there are.
/// </summary>
internal static unsafe class FusedProducts<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    // Bytes of the rows that a task gathers: a part of L2. And the fewest pixels worth a task.
    private const int RowBytes = 256 << 10, FewestPixels = 32;

    /// <summary>A window of one pixel.</summary>
    public static void Pointwise(in FusedArguments p)
    {
        GemmArguments<T> product = Product(p, p.Shape.Channels);
        product.M = checked(p.Shape.Images * p.Shape.OutputVolume);
        product.N = p.Shape.Filters;
        product.A = (T*)p.X;
        product.RowA = p.Shape.Channels;
        Gemm.Run<T, V, S>(product);
    }

    /// <summary>Any window: strips of pixels, of each image or, with channels last, counted through all images, gathered in a thread's workspace.</summary>
    public static void Windows(in FusedArguments p)
    {
        bool isPlain = p.Method == FusedMethod.PlainColumns;
        int length = p.Shape.Channels * p.Shape.Taps, images = isPlain ? p.Shape.Images : 1, volume = isPlain ? p.Shape.OutputVolume : checked(p.Shape.Images * p.Shape.OutputVolume);
        int pixels = Math.Max(FewestPixels, RowBytes / sizeof(T) / length), strips = FusedCut.InFours((volume + pixels - 1) / pixels);
        Job job = new() { Operands = p, Volume = volume, Strips = strips, Cut = new(images * strips, p.Shape.Filters, BlockedProduct<T, V, S>.TileColumns) };
        WindowDispatch.Share(job.Cut.Tasks, p.Shape.Products, ref job);
    }

    /// <summary>What all products of a convolution have in common, for all filters.</summary>
    private static GemmArguments<T> Product(in FusedArguments p, int length) => new()
    {
        K = length, ColA = 1,
        B = (T*)p.Filter, ColB = 1, PanelB = (nint)length * BlockedProduct<T, V, S>.TileColumns,
        C = (T*)p.Y, RowC = p.Shape.Filters, ColC = 1,
        Bias = (T*)p.Bias, Addend = (T*)p.Addend, Activation = p.Activation,
    };

    private struct Job : IParallelJob
    {
        public FusedArguments Operands;
        public FusedCut Cut;
        public int Volume, Strips;

        public readonly void Execute(int task)
        {
            ConvolutionShape p = Operands.Shape;
            int piece = Cut.Piece(task), n = piece / Strips, strip = piece % Strips, volume = Volume, k = Cut.First(task);
            int first = (int)((long)strip * volume / Strips), pixels = (int)((strip + 1L) * volume / Strips) - first;
            if (pixels == 0) return;
            GemmArguments<T> product = Product(Operands, p.Channels * p.Taps);
            (product.M, product.N) = (pixels, Cut.End(task) - k);
            if (Operands.Method == FusedMethod.PlainColumns)
            {
                product.A = ConvolutionColumns<T, V, S>.Gather(p, (T*)Operands.X + (nint)n * p.Channels * p.InputVolume, 0, p.GroupPlanes, first, pixels, out product.ColA);
                product.RowA = 1;
            }
            else
            {
                product.RowA = CacheLines.Odd(product.K);
                product.A = (T*)WindowWorkspace.Rent(pixels * product.RowA * sizeof(T));
                Gather(p, (T*)Operands.X, first, pixels, product.A, product.RowA);
            }

            product.B += k / BlockedProduct<T, V, S>.TileColumns * product.PanelB;
            product.C += ((nint)n * volume + first) * p.Filters + k;
            product.Addend = Operands.AddendFor(product.C);
            product.Bias += k;
            Gemm.Run<T, V, S>(product, Gemm.OwnThread);
        }

        /// <summary>rows[i] = what the window of pixel first + i sees, [taps, channels]; zeros in the border.</summary>
        [MethodImpl(HotLoop.Options)]
        private static void Gather(in ConvolutionShape p, T* images, int first, int pixels, T* rows, nint row)
        {
            Window v = p.Plane.Vertical, h = p.Plane.Horizontal;
            int channels = p.Channels, width = p.Plane.Width, height = p.Plane.Height, outputWidth = p.Plane.OutputWidth, volume = p.OutputVolume;
            for (int at = first; at < first + pixels; at++, rows += row)
            {
                int n = at / volume, pixel = at - n * volume, top = pixel / outputWidth * v.Stride - v.Padding, left = pixel % outputWidth * h.Stride - h.Padding;
                T* image = images + (nint)n * channels * width * height, to = rows;
                for (int r = 0; r < v.Size; r++)
                {
                    int y = top + r * v.Dilation;
                    T* line = image + (nint)y * width * channels;
                    if ((uint)y < (uint)height && h.Dilation == 1 && left >= 0 && left + h.Size <= width)
                    {
                        PlaneCopy<T, V, S>.Copy(line + (nint)left * channels, to, h.Size * channels);
                        to += h.Size * channels;
                        continue;
                    }

                    for (int s = 0; s < h.Size; s++, to += channels)
                    {
                        int x = left + s * h.Dilation;
                        if ((uint)y < (uint)height && (uint)x < (uint)width) PlaneCopy<T, V, S>.Copy(line + (nint)x * channels, to, channels);
                        else PlaneCopy<T, V, S>.Fill(to, channels, S.Constant(0));
                    }
                }
            }
        }
    }
}
