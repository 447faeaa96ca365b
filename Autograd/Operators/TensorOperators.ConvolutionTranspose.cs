using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// Transposed convolution of sequences, the gradient of a convolution with respect to its input as a map of its own (Zeiler et al. 2010): x [N, C, L],
        /// weight [C, K/groups, S], bias [K] or null → [N, K, OL] with OL = (L − 1)·stride − 2·padding + dilation·(S − 1) + outputPadding + 1.
        /// </summary>
        /// <param name="weight">The filters; the first dimension counts the channels of x.</param>
        /// <param name="bias">Added to each channel of the result.</param>
        /// <param name="stride">Elements of the result from what one element of x adds to to what the next one adds to.</param>
        /// <param name="padding">Elements cut off at each end of the result.</param>
        /// <param name="outputPadding">Elements more at the end: the sizes that one stride maps to the same are told apart by it. Less than the stride.</param>
        /// <param name="dilation">Distance between the elements that a filter adds to.</param>
        /// <param name="groups">Parts of channels and filters that do not see each other.</param>
        /// <exception cref="ShapeException">Channels, groups or window do not fit.</exception>
        public Tensor ConvolutionTranspose1D(Tensor weight, Tensor? bias = null, int stride = 1, int padding = 0, int outputPadding = 0, int dilation = 1, int groups = 1)
        {
            int size = FilterSize(weight, nameof(ConvolutionTranspose1D), "length", TransposedPlanes).Width;
            return Transposed(nameof(ConvolutionTranspose1D), new Convolution1D(new(size, stride, padding, dilation), groups), x, weight, bias, new(0, 0, outputPadding));
        }

        /// <summary>
        /// Transposed convolution of images: x [N, C, H, W], weight [C, K/groups, R, S], bias [K] or null → [N, K, OH, OW] with
        /// OH = (H − 1)·stride − 2·padding + dilation·(R − 1) + outputPadding + 1. See <see cref="ConvolutionTranspose1D"/>.
        /// </summary>
        /// <param name="weight">The filters; the first dimension counts the channels of x.</param>
        /// <param name="bias">Added to each channel of the result.</param>
        /// <param name="stride">Pixels of the result from what one pixel of x adds to to what the next one adds to: one number, or (vertical, horizontal).</param>
        /// <param name="padding">Pixels cut off on each side of the result.</param>
        /// <param name="outputPadding">Pixels more at the bottom and on the right; less than the stride.</param>
        /// <param name="dilation">Distance between the pixels that a filter adds to.</param>
        /// <param name="groups">Parts of channels and filters that do not see each other.</param>
        /// <exception cref="ShapeException">Channels, groups or window do not fit.</exception>
        public Tensor ConvolutionTranspose2D(Tensor weight, Tensor? bias = null, Size2? stride = null, Size2? padding = null, Size2? outputPadding = null, Size2? dilation = null, int groups = 1)
        {
            Size3 size = FilterSize(weight, nameof(ConvolutionTranspose2D), "height, width", TransposedPlanes);
            (Window vertical, Window horizontal) = Windows(new Size2(size.Height, size.Width), stride ?? 1, padding ?? 0, dilation ?? 1);
            Size2 more = outputPadding ?? 0;
            return Transposed(nameof(ConvolutionTranspose2D), new Convolution2D(vertical, horizontal, groups), x, weight, bias, new(0, more.Height, more.Width));
        }

        /// <summary>
        /// Transposed convolution of volumes: x [N, C, D, H, W], weight [C, K/groups, T, R, S], bias [K] or null → [N, K, OD, OH, OW] with
        /// OD = (D − 1)·stride − 2·padding + dilation·(T − 1) + outputPadding + 1. See <see cref="ConvolutionTranspose1D"/>.
        /// </summary>
        /// <param name="weight">The filters; the first dimension counts the channels of x.</param>
        /// <param name="bias">Added to each channel of the result.</param>
        /// <param name="stride">Elements of the result from what one element of x adds to to what the next one adds to: one number, or (depth, vertical, horizontal).</param>
        /// <param name="padding">Elements cut off on each side of the result.</param>
        /// <param name="outputPadding">Elements more at the end of each axis; less than the stride.</param>
        /// <param name="dilation">Distance between the elements that a filter adds to.</param>
        /// <param name="groups">Parts of channels and filters that do not see each other.</param>
        /// <exception cref="ShapeException">Channels, groups or window do not fit.</exception>
        public Tensor ConvolutionTranspose3D(Tensor weight, Tensor? bias = null, Size3? stride = null, Size3? padding = null, Size3? outputPadding = null, Size3? dilation = null, int groups = 1)
        {
            Size3 size = FilterSize(weight, nameof(ConvolutionTranspose3D), "depth, height, width", TransposedPlanes);
            return Transposed(nameof(ConvolutionTranspose3D), Volumes(size, stride ?? 1, padding ?? 0, dilation ?? 1, groups), x, weight, bias, outputPadding ?? 0);
        }
    }

    private const string TransposedPlanes = "channels, filters / groups";

    /// <summary>The gradient that <paramref name="op"/>'s input would get if x were that of its result; plus the bias.</summary>
    private static Tensor Transposed(string name, Convolution op, Tensor x, Tensor weight, Tensor? bias, Size3 outputPadding)
    {
        if (x.Rank != weight.Rank) throw new ShapeException($"{name}: x has shape {x.Shape}, but [images, channels, {op.AxisNames}] is expected. Add dimensions with Unsqueeze.");
        long channels = weight.Shape[0], filters = weight.Shape[1] * op.Groups;
        if (x.Shape[1] != channels || op.Groups < 1 || channels % op.Groups != 0)
            throw new ShapeException($"{name}: x {x.Shape} has {x.Shape[1]} channels in {op.Groups} groups and weight {weight.Shape} is for {channels}: both numbers must be equal, and a multiple of the groups.");
        if (bias is not null && (bias.Rank != 1 || bias.Shape[0] != filters))
            throw new ShapeException($"{name}: bias has shape {bias.Shape}, but weight {weight.Shape} with {op.Groups} groups makes {filters} channels: one number per channel, [{filters}], is expected.");
        Window[] windows = [op.Depth, op.Vertical, op.Horizontal];
        int[] more = [outputPadding.Depth, outputPadding.Height, outputPadding.Width];
        long[] lengths = new long[x.Rank];
        (lengths[0], lengths[1]) = (x.Shape[0], filters);
        for (int axis = 2; axis < lengths.Length; axis++)
        {
            int from = 3 + axis - lengths.Length;
            lengths[axis] = TransposedLength(name, axis, x.Shape, windows[from], more[from]);
        }

        using TensorScope scope = new();
        Tensor y = Tape.Apply(new ConvolutionInputGradient(op, Shape.Create(lengths)), x, weight);
        return TensorScope.Keep(bias is null ? y : y + bias.Reshape(op.BiasShape(filters)));
    }

    private static long TransposedLength(string name, int axis, Shape x, Window w, int more)
    {
        if (w.Size < 1 || w.Stride < 1 || w.Dilation < 1 || w.Padding < 0)
            throw new ShapeException($"{name}: a window of size {w.Size}, stride {w.Stride}, padding {w.Padding}, dilation {w.Dilation}: size, stride and dilation must be at least 1, padding at least 0.");
        if (more < 0 || more >= w.Stride)
            throw new ShapeException($"{name}: the output padding is {more}, the stride {w.Stride}; it must be 0 or more and less than the stride, since it tells apart the sizes that one stride maps to the same.");
        long length = (x[axis] - 1) * w.Stride - 2L * w.Padding + w.Extent + more;
        return length >= 1 && x[axis] >= 1 ? length
            : throw new ShapeException($"{name}: dimension {axis} of x {x} would become ({x[axis]} − 1)·{w.Stride} − 2·{w.Padding} + {w.Extent} + {more} = {length}. Use less padding, a larger window or a larger x.");
    }
}
