using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// Resizes a sequence [N, C, L], images [N, C, H, W] or volumes [N, C, D, H, W]. Along each axis, position i of O reads of L elements: the nearest way element ⌊iL/O⌋; the linear
        /// way place (i + ½)L/O − ½ or, with aligned corners, i(L − 1)/(O − 1), where what lies outside counts as the end.
        /// </summary>
        /// <param name="size">The new lengths: one per spatial axis.</param>
        /// <param name="mode">What stands between pixels.</param>
        /// <param name="alignCorners">Whether the centres of the first and last pixels stay where they are, instead of their outer edges. Only for linear interpolation.</param>
        /// <exception cref="ShapeException">The number of lengths does not fit, or one is not positive.</exception>
        public Tensor Resize(ReadOnlySpan<long> size, Interpolation mode = Interpolation.Nearest, bool alignCorners = false)
        {
            if (alignCorners && mode == Interpolation.Nearest) throw new ArgumentException("Resize: corners are aligned in linear interpolation only. Leave alignCorners out.", nameof(alignCorners));
            if (x.Rank is < 3 or > 5 || size.Length != x.Rank - 2)
                throw new ShapeException($"Resize: x {x.Shape} must be [images, channels, …] with 1 to 3 spatial dimensions, and so many lengths are needed, not {size.Length}.");
            AxisMap[] maps = new AxisMap[size.Length];
            for (int i = 0; i < maps.Length; i++) maps[i] = mode == Interpolation.Nearest ? AxisMap.Nearest(size[i]) : AxisMap.Linear(size[i], alignCorners);
            return Tape.Apply(new Resample(maps), x);
        }

        /// <summary>
        /// As <see cref="Resize"/>, to ⌊length · factor⌋ along each axis. Positions follow from the lengths of image and result alone, not from the factor (they differ if the product is
        /// not whole).
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
    }
}
