using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// Images read at any places: x [N, C, H, W], grid [N, OH, OW, 2] → [N, C, OH, OW] (Jaderberg et al. 2015). grid[…, 0] goes from −1 at the left to 1 at the
        /// right, grid[…, 1] from top to bottom. A NaN counts as outside; where there is no outside, as the left or upper end.
        /// </summary>
        /// <param name="grid">Where to read, of x's element type.</param>
        /// <param name="mode">The nearest pixel (halves to even), or linearly between four.</param>
        /// <param name="border">What lies outside the image.</param>
        /// <param name="alignCorners">Whether ±1 are the centres of the outermost pixels, instead of their outer edges.</param>
        /// <exception cref="ShapeException">The grid does not belong to the images.</exception>
        public Tensor GridSample(Tensor grid, Interpolation mode = Interpolation.Linear, GridBorder border = GridBorder.Zeros, bool alignCorners = false)
            => Tape.Apply(new GridSample(mode == Interpolation.Linear, border, alignCorners), x, grid);

        /// <summary>
        /// The grid of an affine map, for <see cref="GridSample(Tensor, Tensor, Interpolation, GridBorder, bool)"/>: matrices [N, 2, 3] → [N, height, width, 2];
        /// place (u, v) of the result, both −1 to 1, reads the image at matrix · (u, v, 1)ᵀ.
        /// </summary>
        /// <param name="size">Height and width of the grid.</param>
        /// <param name="alignCorners">Whether ±1 are the centres of the outermost places, instead of their outer edges.</param>
        /// <exception cref="ShapeException">x is not [N, 2, 3].</exception>
        public Tensor AffineGrid(Size2 size, bool alignCorners = false)
        {
            if (x.Rank != 3 || x.Shape[1] != 2 || x.Shape[2] != 3) throw new ShapeException($"AffineGrid: matrices {x.Shape} must be [images, 2, 3].");
            if (size.Height < 1 || size.Width < 1) throw new ShapeException($"AffineGrid: a grid of {size} has no places; both lengths must be at least 1.");
            using TensorScope scope = new();
            Shape plane = [size.Height, size.Width];
            Tensor u = Centres(size.Width, alignCorners, x), v = Centres(size.Height, alignCorners, x).Reshape(size.Height, 1), one = Tensor.Ones(plane, x.DType, x.Accelerator);
            Tensor places = Tensor.Stack([u.Expand(plane), v.Expand(plane), one], 2).Reshape(1, plane.Count, 3);
            return TensorScope.Keep(places.Expand([x.Shape[0], places.Shape[1], 3]).MatMul(x.Transpose()).Reshape(x.Shape[0], size.Height, size.Width, 2));
        }
    }

    /// <summary>The centres of so many pixels between −1 and 1.</summary>
    private static Tensor Centres(int count, bool alignCorners, Tensor like)
    {
        double last = count == 1 ? 0 : alignCorners ? 1 : 1 - 1.0 / count;
        return Tensor.Linspace(-last, last, count, like.DType).To(like.Accelerator);
    }
}
