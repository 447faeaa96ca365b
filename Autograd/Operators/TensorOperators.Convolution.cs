using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// Convolution (cross-correlation) of sequences: x [N, C, L], weight [K, C/groups, S], bias [K] or null → [N, K, OL] with
        /// OL = floor((L + 2·padding − dilation·(S − 1) − 1) / stride) + 1. The border counts as zeros.
        /// </summary>
        /// <param name="weight">The filters.</param>
        /// <param name="bias">Added to each filter's result.</param>
        /// <param name="stride">Elements from one position of the filter to the next.</param>
        /// <param name="padding">Elements of border at each end.</param>
        /// <param name="dilation">Distance between the elements that a filter reads.</param>
        /// <param name="groups">Parts of channels and filters that do not see each other.</param>
        /// <exception cref="ShapeException">Channels, groups or window do not fit.</exception>
        public Tensor Convolution1D(Tensor weight, Tensor? bias = null, int stride = 1, int padding = 0, int dilation = 1, int groups = 1)
        {
            int size = FilterSize(weight, nameof(Convolution1D), "length").Width;
            return Convolve(new Convolution1D(new(size, stride, padding, dilation), groups), x, weight, bias);
        }

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
            Size3 size = FilterSize(weight, nameof(Convolution2D), "height, width");
            (Window vertical, Window horizontal) = Windows(new Size2(size.Height, size.Width), stride ?? 1, padding ?? 0, dilation ?? 1);
            return Convolve(new Convolution2D(vertical, horizontal, groups), x, weight, bias);
        }

        /// <summary>
        /// Convolution (cross-correlation) of volumes or videos: x [N, C, D, H, W], weight [K, C/groups, T, R, S], bias [K] or null → [N, K, OD, OH, OW] with
        /// OD = floor((D + 2·padding − dilation·(T − 1) − 1) / stride) + 1. The border counts as zeros.
        /// </summary>
        /// <param name="weight">The filters.</param>
        /// <param name="bias">Added to each filter's result.</param>
        /// <param name="stride">Elements from one position of the filter to the next: one number, or (depth, vertical, horizontal).</param>
        /// <param name="padding">Elements of border on each side.</param>
        /// <param name="dilation">Distance between the elements that a filter reads.</param>
        /// <param name="groups">Parts of channels and filters that do not see each other.</param>
        /// <exception cref="ShapeException">Channels, groups or window do not fit.</exception>
        public Tensor Convolution3D(Tensor weight, Tensor? bias = null, Size3? stride = null, Size3? padding = null, Size3? dilation = null, int groups = 1)
        {
            Size3 size = FilterSize(weight, nameof(Convolution3D), "depth, height, width");
            return Convolve(Volumes(size, stride ?? 1, padding ?? 0, dilation ?? 1, groups), x, weight, bias);
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

    private static Convolution3D Volumes(Size3 size, Size3 stride, Size3 padding, Size3 dilation, int groups)
        => new(new(size.Depth, stride.Depth, padding.Depth, dilation.Depth), new(size.Height, stride.Height, padding.Height, dilation.Height),
            new(size.Width, stride.Width, padding.Width, dilation.Width), groups);

    private static Tensor Convolve(Convolution op, Tensor x, Tensor weight, Tensor? bias) => bias is null ? Tape.Apply(op, x, weight) : Tape.Apply(op, x, weight, bias);

    /// <summary>The lengths of a filter along the spatial axes, 1 along those that it does not have.</summary>
    private static Size3 FilterSize(Tensor weight, string name, string axes, string leading = "filters, channels / groups")
    {
        ArgumentNullException.ThrowIfNull(weight);
        int count = axes.Count(',') + 1;
        if (weight.Rank != 2 + count) throw new ShapeException($"{name}: weight has shape {weight.Shape}, but [{leading}, {axes}] is expected.");
        ReadOnlySpan<long> size = weight.Shape.Span;
        return new(count > 2 ? checked((int)size[2]) : 1, count > 1 ? checked((int)size[^2]) : 1, checked((int)size[^1]));
    }
}
