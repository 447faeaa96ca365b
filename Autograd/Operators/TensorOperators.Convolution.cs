using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// Convolution (cross-correlation) of images: x [N, C, H, W], weight [K, C/groups, R, S], bias [K] or null → [N, K, OH, OW] with
        /// OH = floor((H + 2·padding − dilation·(R − 1) − 1) / stride) + 1. The border counts as zeros.
        /// </summary>
        /// <param name="weight">The filters.</param>
        /// <param name="bias">Added to each filter's result.</param>
        /// <param name="stride">Pixels from one position of the filter to the next: one number, or (vertical, horizontal).</param>
        /// <param name="padding">Pixels of border on each side.</param>
        /// <param name="dilation">Distance between the pixels that a filter reads.</param>
        /// <param name="groups">Parts of channels and filters that do not see each other.</param>
        /// <exception cref="ShapeException">Channels, groups or window do not fit.</exception>
        public Tensor Convolution2D(Tensor weight, Tensor? bias = null, Size2? stride = null, Size2? padding = null, Size2? dilation = null, int groups = 1)
        {
            ArgumentNullException.ThrowIfNull(weight);
            if (weight.Rank != 4)
                throw new ShapeException($"Convolution2D: weight has shape {weight.Shape}, but [filters, channels / groups, height, width] is expected.");
            Size2 size = new(checked((int)weight.Shape[2]), checked((int)weight.Shape[3]));
            (Window vertical, Window horizontal) = Windows(size, stride ?? 1, padding ?? 0, dilation ?? 1);
            Convolution2D op = new(vertical, horizontal, groups);
            return bias is null ? Tape.Apply(op, x, weight) : Tape.Apply(op, x, weight, bias);
        }

        /// <summary>
        /// The largest number of each window: [N, C, H, W] → [N, C, OH, OW]. NaN counts as largest; the border as −∞. The gradient goes to the first of
        /// equal maxima.
        /// </summary>
        /// <param name="size">Rows and columns of the window.</param>
        /// <param name="stride">From one window to the next; the window's size if null.</param>
        /// <param name="padding">Pixels of border on each side, at most half of the window.</param>
        /// <param name="dilation">Distance between the pixels that a window reads.</param>
        /// <param name="ceilMode">Whether a last window that hangs over the end counts.</param>
        /// <exception cref="ShapeException">The window does not fit.</exception>
        public Tensor MaxPool2D(Size2 size, Size2? stride = null, Size2? padding = null, Size2? dilation = null, bool ceilMode = false)
        {
            (Window vertical, Window horizontal) = Windows(size, stride ?? size, padding ?? 0, dilation ?? 1);
            return Tape.Apply(new MaxPool2D(vertical, horizontal, ceilMode), x);
        }

        /// <summary>The mean of each window: [N, C, H, W] → [N, C, OH, OW].</summary>
        /// <param name="size">Rows and columns of the window.</param>
        /// <param name="stride">From one window to the next; the window's size if null.</param>
        /// <param name="padding">Pixels of border on each side, at most half of the window.</param>
        /// <param name="ceilMode">Whether a last window that hangs over the end counts.</param>
        /// <param name="countsPadding">Whether the border counts as zeros, or not at all.</param>
        /// <exception cref="ShapeException">The window does not fit.</exception>
        public Tensor AveragePool2D(Size2 size, Size2? stride = null, Size2? padding = null, bool ceilMode = false, bool countsPadding = true)
        {
            (Window vertical, Window horizontal) = Windows(size, stride ?? size, padding ?? 0, 1);
            return Tape.Apply(new AveragePool2D(vertical, horizontal, ceilMode, countsPadding), x);
        }
    }

    private static (Window Vertical, Window Horizontal) Windows(Size2 size, Size2 stride, Size2 padding, Size2 dilation)
        => (new(size.Height, stride.Height, padding.Height, dilation.Height), new(size.Width, stride.Width, padding.Width, dilation.Width));
}
