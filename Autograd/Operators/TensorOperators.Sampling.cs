using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// Resizes a sequence [N, C, L], images [N, C, H, W] or volumes [N, C, D, H, W]. Along each axis, position i of O reads of L elements: the nearest way
        /// element ⌊iL/O⌋; the linear way place (i + ½)L/O − ½ or, with aligned corners, i(L − 1)/(O − 1), where what lies outside counts as the end.
        /// </summary>
        /// <param name="size">The new lengths: one per spatial axis.</param>
        /// <param name="mode">What stands between pixels.</param>
        /// <param name="alignCorners">Whether the centres of the first and last pixels stay where they are, instead of their outer edges. Only for linear
        /// interpolation.</param>
        /// <exception cref="ShapeException">The number of lengths does not fit, or one is not positive.</exception>
        public Tensor Resize(ReadOnlySpan<long> size, Interpolation mode = Interpolation.Nearest, bool alignCorners = false)
        {
            if (alignCorners && mode == Interpolation.Nearest)
                throw new ArgumentException("Resize: corners are aligned in linear interpolation only. Leave alignCorners out.", nameof(alignCorners));
            if (x.Rank is < 3 or > 5 || size.Length != x.Rank - 2)
                throw new ShapeException($"Resize: x {x.Shape} must be [images, channels, …] with 1 to 3 spatial dimensions, and so many lengths are needed, not {size.Length}.");
            AxisMap[] maps = new AxisMap[size.Length];
            for (int i = 0; i < maps.Length; i++) maps[i] = mode == Interpolation.Nearest ? AxisMap.Nearest(size[i]) : AxisMap.Linear(size[i], alignCorners);
            return Tape.Apply(new Resample(maps), x);
        }

        /// <summary>
        /// As <see cref="Resize"/>, to ⌊length · factor⌋ along each axis. Positions follow from the lengths of image and result alone, not from the factor (they
        /// differ if the product is not whole).
        /// </summary>
        /// <param name="factor">One for all spatial axes.</param>
        /// <param name="mode">What stands between pixels.</param>
        /// <param name="alignCorners">Whether the centres of the first and last pixels stay where they are. Only for linear interpolation.</param>
        public Tensor Upsample(double factor, Interpolation mode = Interpolation.Nearest, bool alignCorners = false)
        {
            if (!(factor > 0) || !double.IsFinite(factor)) throw new ArgumentOutOfRangeException(nameof(factor), factor, "Upsample: the factor must be positive and finite.");
            Span<long> size = stackalloc long[Math.Max(0, x.Rank - 2)];
            for (int i = 0; i < size.Length; i++) size[i] = (long)Math.Floor(x.Shape[i + 2] * factor);
            return x.Resize(size, mode, alignCorners);
        }

        /// <summary>
        /// What a sliding window reads, as columns (im2col): [N, C, H, W] → [N, C · R · S, L], L windows row after row, with H′ = ⌊(H + 2·padding − dilation·(R − 1)
        /// − 1)/stride⌋ + 1. The border counts as zeros. A convolution is the product of filters [K, C · R · S] with it.
        /// </summary>
        /// <param name="size">Rows R and columns S of the window.</param>
        /// <param name="stride">From one window to the next; 1 by default.</param>
        /// <param name="padding">Rows and columns of zeros on each side.</param>
        /// <param name="dilation">Distance between the pixels that a window reads.</param>
        /// <exception cref="ShapeException">The window does not fit.</exception>
        public Tensor Unfold(Size2 size, Size2? stride = null, Size2? padding = null, Size2? dilation = null)
        {
            (Window vertical, Window horizontal) = Windows(size, stride ?? 1, padding ?? 0, dilation ?? 1);
            return Tape.Apply(new Unfold(vertical, horizontal), x);
        }

        /// <summary>
        /// Adds columns up to an image (col2im), the transpose of <see cref="Unfold(Tensor, Size2, Size2?, Size2?, Size2?)"/>: [N, C · R · S, L] → [N, C, H, W].
        /// Pixels in several windows get the sum.
        /// </summary>
        /// <param name="output">Height H and width W of the image.</param>
        /// <param name="size">Rows R and columns S of the window.</param>
        /// <param name="stride">From one window to the next; 1 by default.</param>
        /// <param name="padding">Rows and columns on each side that are dropped.</param>
        /// <param name="dilation">Distance between the pixels that a window reads.</param>
        /// <exception cref="ShapeException">The columns do not belong to such windows.</exception>
        public Tensor Fold(Size2 output, Size2 size, Size2? stride = null, Size2? padding = null, Size2? dilation = null)
        {
            (Window vertical, Window horizontal) = Windows(size, stride ?? 1, padding ?? 0, dilation ?? 1);
            long taps = (long)size.Height * size.Width;
            if (x.Rank != 3 || taps < 1 || x.Shape[1] % taps != 0)
                throw new ShapeException($"Fold: columns {x.Shape} must be [images, channels · {size.Height} · {size.Width}, windows]: the second length a multiple of {taps}.");
            return Tape.Apply(new Fold(new(vertical, horizontal), Shape.Create(x.Shape[0], x.Shape[1] / taps, output.Height, output.Width)), x);
        }
    }
}
