using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// Regions of interest by bilinear samples (RoIAlign, He et al. 2017): x [N, C, H, W], boxes [R, 5] → [R, C, height, width]. Each box is cut into bins
        /// without rounding; a bin's value is the mean of samples × samples places in it. Boxes are constants; the gradient goes to x.
        /// </summary>
        /// <param name="boxes">Each (image, left, top, right, bottom), of x's element type.</param>
        /// <param name="size">Rows and columns of bins.</param>
        /// <param name="scale">From the boxes' unit to pixels of x: 1/16 for features of a sixteenth of the picture's size.</param>
        /// <param name="samples">Places per bin and axis; 0 chooses ⌈bin⌉, about one per pixel.</param>
        /// <param name="aligned">Whether the centre of pixel 0 is ½, as it should be; the first implementations had 0, and boxes of at least one pixel.</param>
        /// <exception cref="ShapeException">The boxes do not fit, or name an image that is not there.</exception>
        public Tensor RoiAlign(Tensor boxes, Size2 size, double scale = 1, int samples = 0, bool aligned = true)
            => Tape.Apply(new RoiAlign(size.Height, size.Width, scale, samples, aligned), x, boxes);

        /// <summary>
        /// The largest number of each bin of regions of interest (RoI pooling, Girshick 2015): x [N, C, H, W], boxes [R, 5] → [R, C, height, width]. A box, scaled
        /// and rounded (⌊c + ½⌋), covers pixels left to right, both included, at least one; bin i of P takes pixels ⌊iL/P⌋ to ⌈(i + 1)L/P⌉ − 1 of its L. A bin
        /// without pixels of the image gives 0. Boxes are constants; the gradient goes to x.
        /// </summary>
        /// <param name="boxes">Each (image, left, top, right, bottom), of x's element type.</param>
        /// <param name="size">Rows and columns of bins.</param>
        /// <param name="scale">From the boxes' unit to pixels of x.</param>
        /// <exception cref="ShapeException">The boxes do not fit, or name an image that is not there.</exception>
        public Tensor RoiPool(Tensor boxes, Size2 size, double scale = 1) => Tape.Apply(new RoiPool(size.Height, size.Width, scale), x, boxes);

        /// <summary>
        /// Which of boxes [n, 4] stay when each one that overlaps a better one that stays is dropped (non-maximum suppression): their indices (Int64), best first;
        /// of equal scores the earlier box is better. Boxes overlap if intersection over union exceeds the threshold. The length of the result depends on the
        /// values: this waits for the accelerator.
        /// </summary>
        /// <param name="scores">How good each box is, [n].</param>
        /// <param name="threshold">0 to 1.</param>
        /// <param name="classes">Int64, [n]: boxes of different classes (or images) do not see each other; null for one class.</param>
        /// <exception cref="ShapeException">The operands' shapes do not belong together.</exception>
        public Tensor NonMaximumSuppression(Tensor scores, double threshold, Tensor? classes = null)
        {
            ArgumentNullException.ThrowIfNull(scores);
            if (scores.Rank != 1 || x.Rank != 2 || scores.Shape[0] != x.Shape[0])
                throw new ShapeException($"NonMaximumSuppression: boxes {x.Shape} must be [boxes, 4], scores {scores.Shape} must be [boxes]: one per box.");
            using TensorScope scope = new();
            Tensor order = scores.ArgSort(descending: true), boxes = x.IndexSelect(0, order);
            SuppressOverlaps op = new(threshold);
            Tensor stays = classes is null ? Tape.Apply(op, boxes) : Tape.Apply(op, boxes, classes.IndexSelect(0, order));
            return TensorScope.Keep(order.IndexSelect(0, Tape.Apply(new Nonzero(Flat: true), stays)));
        }

        /// <summary>
        /// Intersection over union of every box [n, 4] with every other box [m, 4]: [n, m]. A box is (left, top, right, bottom). Two boxes without area give NaN.
        /// </summary>
        /// <exception cref="ShapeException">Boxes are not [n, 4].</exception>
        public Tensor BoxOverlaps(Tensor other)
        {
            ArgumentNullException.ThrowIfNull(other);
            if (x.Rank != 2 || x.Shape[1] != 4 || other.Rank != 2 || other.Shape[1] != 4)
                throw new ShapeException($"BoxOverlaps: boxes {x.Shape} and {other.Shape} must both be [boxes, 4]: left, top, right, bottom.");
            using TensorScope scope = new();
            Tensor a = x.Unsqueeze(1), b = other.Unsqueeze(0);
            Tensor sides = (a.Slice(2, 2, 2).Minimum(b.Slice(2, 2, 2)) - a.Slice(2, 0, 2).Maximum(b.Slice(2, 0, 2))).Relu(), both = sides.Select(2, 0) * sides.Select(2, 1);
            return TensorScope.Keep(both / (Area(a) + Area(b) - both));
        }
    }

    private static Tensor Area(Tensor boxes)
    {
        Tensor sides = boxes.Slice(2, 2, 2) - boxes.Slice(2, 0, 2);
        return sides.Select(2, 0) * sides.Select(2, 1);
    }
}
