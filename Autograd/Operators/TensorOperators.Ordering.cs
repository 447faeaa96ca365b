using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// The elements in order along a dimension, and where they stood (Int64). Stable: equal elements keep their order. NaN comes last, whichever the order.
        /// </summary>
        public (Tensor Values, Tensor Indices) Sort(int axis = -1, bool descending = false)
        {
            Tensor indices = x.ArgSort(axis, descending);
            return (x.Gather(x.Shape.Axis(axis), indices), indices);
        }

        /// <summary>Where along a dimension the elements stand, in their order (Int64).</summary>
        public Tensor ArgSort(int axis = -1, bool descending = false)
        {
            int at = x.Shape.Axis(axis);
            return Tape.Apply(new ArgSort(at, x.Shape[at], descending), x);
        }

        /// <summary>The <paramref name="k"/> largest (or smallest) elements along a dimension, in order, and where they stand (Int64). NaN comes last.</summary>
        public (Tensor Values, Tensor Indices) TopK(long k, int axis = -1, bool largest = true)
        {
            int at = x.Shape.Axis(axis);
            if (k < 0 || k > x.Shape[at]) throw new ShapeException($"TopK: k is {k}, but dimension {at} of {x.Shape} has {x.Shape[at]} elements.");
            Tensor indices = Tape.Apply(new ArgSort(at, k, largest), x);
            return (x.Gather(at, indices), indices);
        }

        /// <summary>Sums of all elements up to each one along a dimension, or from each one on if <paramref name="reversed"/>. Integers are summed as Int64.</summary>
        public Tensor CumulativeSum(int axis, bool reversed = false) => Tape.Apply(new CumulativeSum(x.Shape.Axis(axis), reversed), x);

        /// <summary>
        /// Products of all elements up to each one along a dimension, or from each one on if <paramref name="reversed"/>. Integers are multiplied as Int64. The gradient is
        /// right where elements are 0; second derivatives need elements other than 0.
        /// </summary>
        public Tensor CumulativeProduct(int axis, bool reversed = false) => Tape.Apply(new CumulativeProduct(x.Shape.Axis(axis), reversed), x);
    }
}
