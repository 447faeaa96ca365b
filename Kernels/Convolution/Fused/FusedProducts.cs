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

    /// <summary>Any window: strips of pixels, gathered in a thread's workspace.</summary>
    public static void Windows(in FusedArguments p)
    {
        int length = p.Shape.Channels * p.Shape.Taps, volume = p.Shape.OutputVolume;
        int pixels = Math.Max(FewestPixels, RowBytes / sizeof(T) / length), strips = (volume + pixels - 1) / pixels;
        if (strips > 2) strips = (strips + 3) / 4 * 4;
        Job job = new() { Operands = p, Strips = strips, Cut = new(p.Shape.Images * strips, p.Shape.Filters, BlockedProduct<T, V, S>.TileColumns) };
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
        public int Strips;

        public readonly void Execute(int task)
        {
            ConvolutionShape p = Operands.Shape;
            int piece = Cut.Piece(task), n = piece / Strips, strip = piece % Strips, volume = p.OutputVolume, k = Cut.First(task);
            int first = (int)((long)strip * volume / Strips), pixels = (int)((strip + 1L) * volume / Strips) - first;
            if (pixels == 0) return;
            GemmArguments<T> product = Product(Operands, p.Channels * p.Taps);
            (product.M, product.N) = (pixels, Cut.End(task) - k);
            T* image = (T*)Operands.X + (nint)n * p.Channels * p.InputVolume;
            if (Operands.Method == FusedMethod.PlainColumns)
            {
                product.A = ConvolutionColumns<T, V, S>.Gather(p, image, 0, p.GroupPlanes, first, pixels, out product.ColA);
                product.RowA = 1;
            }
            else
            {
                product.RowA = ((product.K + 15) / 16 | 1) * 16;        // an odd number of cache lines
                product.A = (T*)WindowWorkspace.Rent(pixels * product.RowA * sizeof(T));
                Gather(p, image, first, pixels, product.A, product.RowA);
            }

            product.B += k / BlockedProduct<T, V, S>.TileColumns * product.PanelB;
            product.C += ((nint)n * volume + first) * p.Filters + k;
            product.Addend = Operands.AddendFor(product.C);
            product.Bias += k;
            Gemm.Run<T, V, S>(product, ConvolutionForward.OwnThread);
        }

        /// <summary>rows[i] = what the window of pixel first + i sees, [taps, channels]; zeros in the border.</summary>
        [MethodImpl(HotLoop.Options)]
        private static void Gather(in ConvolutionShape p, T* image, int first, int pixels, T* rows, nint row)
        {
            Window v = p.Plane.Vertical, h = p.Plane.Horizontal;
            int channels = p.Channels, width = p.Plane.Width, height = p.Plane.Height, outputWidth = p.Plane.OutputWidth;
            for (int at = first; at < first + pixels; at++, rows += row)
            {
                int top = at / outputWidth * v.Stride - v.Padding, left = at % outputWidth * h.Stride - h.Padding;
                T* to = rows;
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
