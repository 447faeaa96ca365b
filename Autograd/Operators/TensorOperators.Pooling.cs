using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>The largest number of each window of a sequence: [N, C, L] → [N, C, L′]. NaN counts as largest; the border as −∞.</summary>
        /// <param name="size">Elements of the window.</param>
        /// <param name="stride">From one window to the next; the window's size if null.</param>
        /// <param name="padding">Elements of border on each side, at most half of the window.</param>
        /// <param name="dilation">Distance between the elements that a window reads.</param>
        /// <param name="ceilMode">Whether a last window that hangs over the end counts.</param>
        /// <exception cref="ShapeException">The window does not fit.</exception>
        public Tensor MaxPool1D(int size, int? stride = null, int padding = 0, int dilation = 1, bool ceilMode = false)
            => Sequence(x, nameof(MaxPool1D), flat => flat.MaxPool2D((1, size), (1, stride ?? size), (0, padding), (1, dilation), ceilMode));

        /// <summary>The largest number of each window of a volume: [N, C, D, H, W] → [N, C, D′, H′, W′]. NaN counts as largest; the border as −∞.</summary>
        /// <inheritdoc cref="MaxPool1D(Tensor, int, int?, int, int, bool)"/>
        public Tensor MaxPool3D(Size3 size, Size3? stride = null, Size3? padding = null, Size3? dilation = null, bool ceilMode = false)
            => Tape.Apply(new MaxRegions(Windows(size, stride ?? size, padding ?? 0, dilation ?? 1, ceilMode, false)), x);

        /// <summary>The mean of each window of a sequence: [N, C, L] → [N, C, L′].</summary>
        /// <param name="size">Elements of the window.</param>
        /// <param name="stride">From one window to the next; the window's size if null.</param>
        /// <param name="padding">Elements of border on each side, at most half of the window.</param>
        /// <param name="ceilMode">Whether a last window that hangs over the end counts.</param>
        /// <param name="countsPadding">Whether the border counts as zeros, or not at all.</param>
        /// <exception cref="ShapeException">The window does not fit.</exception>
        public Tensor AveragePool1D(int size, int? stride = null, int padding = 0, bool ceilMode = false, bool countsPadding = true)
            => Sequence(x, nameof(AveragePool1D), flat => flat.AveragePool2D((1, size), (1, stride ?? size), (0, padding), ceilMode, countsPadding));

        /// <summary>The mean of each window of a volume: [N, C, D, H, W] → [N, C, D′, H′, W′].</summary>
        /// <inheritdoc cref="AveragePool1D(Tensor, int, int?, int, bool, bool)"/>
        public Tensor AveragePool3D(Size3 size, Size3? stride = null, Size3? padding = null, bool ceilMode = false, bool countsPadding = true)
            => Tape.Apply(new Resample(Windows(size, stride ?? size, padding ?? 0, 1, ceilMode, countsPadding)), x);

        /// <summary>
        /// As <see cref="MaxPool1D(Tensor, int, int?, int, int, bool)"/>, and where in its sequence each maximum was (Int64), the first one of equals: for
        /// <see cref="MaxUnpool1D(Tensor, Tensor, long)"/>.
        /// </summary>
        public (Tensor Values, Tensor Indices) MaxPool1DWithIndices(int size, int? stride = null, int padding = 0, int dilation = 1, bool ceilMode = false)
            => WithIndices(x, [AxisMap.Windows(new(size, stride ?? size, padding, dilation), ceilMode)]);

        /// <summary>
        /// As <see cref="MaxPool2D(Tensor, Size2, Size2?, Size2?, Size2?, bool)"/>, and where in its plane, counted through row after row, each maximum was (Int64),
        /// the first one of equals.
        /// </summary>
        public (Tensor Values, Tensor Indices) MaxPool2DWithIndices(Size2 size, Size2? stride = null, Size2? padding = null, Size2? dilation = null, bool ceilMode = false)
        {
            (Window vertical, Window horizontal) = Windows(size, stride ?? size, padding ?? 0, dilation ?? 1);
            return WithIndices(x, [AxisMap.Windows(vertical, ceilMode), AxisMap.Windows(horizontal, ceilMode)]);
        }

        /// <summary>
        /// As <see cref="MaxPool3D(Tensor, Size3, Size3?, Size3?, Size3?, bool)"/>, and where in its volume, counted through, each maximum was (Int64), the first
        /// one of equals.
        /// </summary>
        public (Tensor Values, Tensor Indices) MaxPool3DWithIndices(Size3 size, Size3? stride = null, Size3? padding = null, Size3? dilation = null, bool ceilMode = false)
            => WithIndices(x, Windows(size, stride ?? size, padding ?? 0, dilation ?? 1, ceilMode, false));

        /// <summary>Puts each maximum back where it was, zeros elsewhere: [N, C, L′] → [N, C, length]. Where an index occurs twice, the later value stays.</summary>
        /// <param name="indices">Where in its sequence each element belongs (Int64, of x's shape), from
        /// <see cref="MaxPool1DWithIndices(Tensor, int, int?, int, int, bool)"/>.</param>
        /// <param name="length">The length of the result.</param>
        /// <exception cref="ShapeException">An index lies outside.</exception>
        public Tensor MaxUnpool1D(Tensor indices, long length) => Unpooled(x, indices, [length]);

        /// <summary>
        /// Puts each maximum back where it was, zeros elsewhere: [N, C, H′, W′] → [N, C, height, width]. Where an index occurs twice, the later value stays.
        /// </summary>
        /// <param name="indices">Where in its plane each element belongs (Int64, of x's shape), from
        /// <see cref="MaxPool2DWithIndices(Tensor, Size2, Size2?, Size2?, Size2?, bool)"/>.</param>
        /// <param name="size">Height and width of the result.</param>
        /// <exception cref="ShapeException">An index lies outside.</exception>
        public Tensor MaxUnpool2D(Tensor indices, Size2 size) => Unpooled(x, indices, [size.Height, size.Width]);

        /// <summary>
        /// Puts each maximum back where it was, zeros elsewhere: [N, C, D′, H′, W′] → [N, C, depth, height, width]. Where an index occurs twice, the later value
        /// stays.
        /// </summary>
        /// <param name="indices">Where in its volume each element belongs (Int64, of x's shape), from
        /// <see cref="MaxPool3DWithIndices(Tensor, Size3, Size3?, Size3?, Size3?, bool)"/>.</param>
        /// <param name="size">Depth, height and width of the result.</param>
        /// <exception cref="ShapeException">An index lies outside.</exception>
        public Tensor MaxUnpool3D(Tensor indices, Size3 size) => Unpooled(x, indices, [size.Depth, size.Height, size.Width]);

        /// <summary>
        /// The mean of each of <paramref name="length"/> regions of nearly equal length, whatever the input's: [N, C, L] → [N, C, length]. Region i takes elements
        /// ⌊iL/length⌋ to ⌈(i + 1)L/length⌉ − 1.
        /// </summary>
        public Tensor AdaptiveAveragePool1D(int length) => Means(x, [length]);

        /// <summary>
        /// The mean of each of height · width regions of nearly equal size, whatever the input's: [N, C, H, W] → [N, C, height, width]. Along each axis as in
        /// <see cref="AdaptiveAveragePool1D(Tensor, int)"/>.
        /// </summary>
        public Tensor AdaptiveAveragePool2D(Size2 size) => Means(x, [size.Height, size.Width]);

        /// <summary>
        /// The mean of each of depth · height · width regions of nearly equal size: [N, C, D, H, W] → [N, C, depth, height, width]. Along each axis as in
        /// <see cref="AdaptiveAveragePool1D(Tensor, int)"/>.
        /// </summary>
        public Tensor AdaptiveAveragePool3D(Size3 size) => Means(x, [size.Depth, size.Height, size.Width]);

        /// <summary>
        /// The largest number of each of <paramref name="length"/> regions of nearly equal length: [N, C, L] → [N, C, length]. Regions as in
        /// <see cref="AdaptiveAveragePool1D(Tensor, int)"/>.
        /// </summary>
        public Tensor AdaptiveMaxPool1D(int length) => Maxima(x, [length]);

        /// <summary>
        /// The largest number of each of height · width regions of nearly equal size: [N, C, H, W] → [N, C, height, width]. Regions as in
        /// <see cref="AdaptiveAveragePool1D(Tensor, int)"/>.
        /// </summary>
        public Tensor AdaptiveMaxPool2D(Size2 size) => Maxima(x, [size.Height, size.Width]);

        /// <summary>
        /// The largest number of each of depth · height · width regions of nearly equal size: [N, C, D, H, W] → [N, C, depth, height, width]. Regions as in
        /// <see cref="AdaptiveAveragePool1D(Tensor, int)"/>.
        /// </summary>
        public Tensor AdaptiveMaxPool3D(Size3 size) => Maxima(x, [size.Depth, size.Height, size.Width]);

        /// <summary>
        /// Fractional max pooling (Graham 2014), pseudo-random and overlapping: [N, C, H, W] → [N, C, height, width], for ratios between image and result that are
        /// not whole. Along each axis of L elements, window i of O begins at ⌊α(i + u)⌋ − ⌊αu⌋ with α = (L − size)/(O − 1) and a number u, 0 ≤ u &lt; 1, drawn for
        /// every channel of every image.
        /// </summary>
        /// <param name="size">Rows and columns of a window: 2 or 3 in the paper.</param>
        /// <param name="output">Rows and columns of the result.</param>
        /// <param name="generator">Draws u; null takes u = ½ everywhere.</param>
        /// <exception cref="ShapeException">So many windows do not fit.</exception>
        public Tensor FractionalMaxPool2D(Size2 size, Size2 output, Generator? generator = null)
        {
            MaxRegions op = new([AxisMap.RandomRegions(size.Height, output.Height), AxisMap.RandomRegions(size.Width, output.Width)]);
            SpatialPlan.CheckRank(op, x, 2);
            using TensorScope scope = new();
            Shape shape = Shape.Create(x.Shape[0], x.Shape[1], 2);
            Tensor draws = generator is null ? Tensor.Full(shape, 1 << 15, DType.Int64, x.Accelerator) : Tensor.RandomIntegers(shape, generator, 0, 1 << 16).To(x.Accelerator);
            return TensorScope.Keep(Tape.Apply(op, x, draws));
        }
    }

    /// <summary>A sequence seen as an image of one row.</summary>
    private static Tensor Sequence(Tensor x, string name, Func<Tensor, Tensor> pool)
    {
        if (x.Rank != 3) throw new ShapeException($"{name}: x has shape {x.Shape}, but 3 dimensions are expected: [images, channels, length]. Reshape it, or add dimensions with Unsqueeze.");
        using TensorScope scope = new();
        return TensorScope.Keep(pool(x.Unsqueeze(2)).Squeeze(2));
    }

    private static AxisMap[] Windows(Size3 size, Size3 stride, Size3 padding, Size3 dilation, bool ceilMode, bool countsPadding) =>
    [
        AxisMap.Windows(new(size.Depth, stride.Depth, padding.Depth, dilation.Depth), ceilMode, countsPadding),
        AxisMap.Windows(new(size.Height, stride.Height, padding.Height, dilation.Height), ceilMode, countsPadding),
        AxisMap.Windows(new(size.Width, stride.Width, padding.Width, dilation.Width), ceilMode, countsPadding),
    ];

    private static (Tensor Values, Tensor Indices) WithIndices(Tensor x, AxisMap[] maps)
    {
        Op.Outputs y = default;
        Tape.Apply(new MaxRegionsWithIndex(new(maps)), [x], y);
        return (y[0]!, y[1]!);
    }

    private static Tensor Means(Tensor x, long[] sizes)
    {
        // One mean per plane: several work items share it.
        if (sizes.All(size => size == 1) && x.Rank == sizes.Length + 2 && x.Count > 0) return x.Mean([.. Enumerable.Range(2, sizes.Length)], keepDimensions: true);
        return Tape.Apply(new Resample([.. sizes.Select(AxisMap.Regions)]), x);
    }

    private static Tensor Maxima(Tensor x, long[] sizes) => Tape.Apply(new MaxRegions([.. sizes.Select(AxisMap.Regions)]), x);

    private static Tensor Unpooled(Tensor x, Tensor indices, long[] sizes) => Tape.Apply(new MaxUnpool(sizes), x, indices);
}
