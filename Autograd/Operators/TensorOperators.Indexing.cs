using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>Picks along one dimension, for every place its own element: with axis 1, y[i, j] = x[i, index[i, j]].</summary>
        /// <param name="axis">The dimension; negative counts from the end.</param>
        /// <param name="index">Int64, of x's lengths except along the axis; values 0 .. length−1.</param>
        public Tensor Gather(int axis, Tensor index) => Tape.Apply(new Gather(axis), x, index);

        /// <summary>x plus a source added at the places that an index names: with axis 1, y[i, index[i, j]] += source[i, j]. Equal indices add up, in order.</summary>
        /// <param name="axis">The dimension; negative counts from the end.</param>
        /// <param name="index">Int64, of the source's shape.</param>
        /// <param name="source">Of x's lengths except along the axis.</param>
        public Tensor ScatterAdd(int axis, Tensor index, Tensor source)
        {
            ScatterSum op = new(axis, x.Shape[axis]);
            Kernels.Gather.RequireAligned(op, x.Shape, source.Shape, x.Shape.Axis(axis));
            using TensorScope scope = new();
            return TensorScope.Keep(x + Tape.Apply(op, source, index));
        }

        /// <summary>Whole slices along a dimension, in the order of an Int64 vector: y[p, …] = x[index[p], …] for axis 0.</summary>
        public Tensor IndexSelect(int axis, Tensor index) => Tape.Apply(new IndexSelect(axis), x, index);

        /// <summary>x plus slices added where an Int64 vector says: y[index[p], …] += source[p, …] for axis 0. Equal indices add up, in order.</summary>
        public Tensor IndexAdd(int axis, Tensor index, Tensor source)
        {
            using TensorScope scope = new();
            Tensor sum = Tape.Apply(new IndexSum(axis, x.Shape[axis]), source, index);
            Check.SameShape(new IndexSum(axis, 0), "x", x, "the summed source", sum);
            return TensorScope.Keep(x + sum);
        }

        /// <summary>
        /// Puts numbers in the places that an index names and takes together what meets there: with axis 1, y[i, index[i, j]] takes in source[i, j], in order. Places that no
        /// index names keep x.
        /// </summary>
        /// <param name="axis">The dimension; negative counts from the end.</param>
        /// <param name="index">Int64, of the source's shape.</param>
        /// <param name="source">Of x's lengths except along the axis.</param>
        /// <param name="reduction">Sum, mean, product, largest or smallest; equal extremes share the gradient.</param>
        /// <param name="includeSelf">Whether x's own number takes part, or is replaced by what arrives.</param>
        public Tensor ScatterReduce(int axis, Tensor index, Tensor source, ScatterReduction reduction, bool includeSelf = true)
            => Tape.Apply(new ScatterReduce(x.Shape.Axis(axis), reduction, includeSelf), x, source, index);

        /// <summary>The same for whole slices along a dimension: with axis 0, y[index[p], …] takes in source[p, …] for an Int64 vector of indices.</summary>
        /// <inheritdoc cref="ScatterReduce(Tensor, int, Tensor, Tensor, ScatterReduction, bool)" path="/param"/>
        public Tensor IndexReduce(int axis, Tensor index, Tensor source, ScatterReduction reduction, bool includeSelf = true)
        {
            ArgumentNullException.ThrowIfNull(source);
            ScatterReduce op = new(x.Shape.Axis(axis), reduction, includeSelf);
            Indices.RequireVector(op, index);
            if (source.Rank != x.Rank || source.Shape[op.Axis] != index.Count)
                throw new ShapeException($"IndexReduce: dimension {axis} of the source {source.Shape} must be as long as the index {index.Shape}, one index per slice, and the source have as many dimensions as x {x.Shape}.");
            using TensorScope scope = new();
            long[] lengths = new long[x.Rank];
            Array.Fill(lengths, 1);
            lengths[op.Axis] = index.Count;
            return TensorScope.Keep(Tape.Apply(op, x, source, index.Reshape((Shape)lengths).Expand(source.Shape)));
        }

        /// <summary>
        /// A copy in which the part <c>x[indices]</c> is replaced by <paramref name="value"/>, broadcast: what assigning to <c>x[indices]</c> does, without
        /// changing x. Where an index tensor names a position twice, the later value wins.
        /// </summary>
        /// <example><code>Tensor y = x.IndexPut([1..3, ^1], value);</code></example>
        public Tensor IndexPut(ReadOnlySpan<TensorIndex> indices, Tensor value) => IndexPlan.Put(x, indices, value);

        /// <summary>The elements (or slices) where a Bool mask over x's leading dimensions is true, in row-major order: [count, …].</summary>
        public Tensor MaskedSelect(Tensor mask) => IndexPlan.Get(x, [mask]);

        /// <summary>A number where a Bool mask (broadcast) is true, else x.</summary>
        /// <param name="mask">Bool.</param>
        /// <param name="value">Takes x's element type.</param>
        /// <param name="filled">Fill where the mask is true, or where it is false.</param>
        public Tensor MaskedFill(Tensor mask, double value, bool filled = true) => Tape.Apply(new MaskedFill(value, filled), x, mask);

        /// <summary>mask ? a : b, element by element, broadcast. Elements that are not chosen get a gradient of 0.</summary>
        public static Tensor Where(Tensor mask, Tensor a, Tensor b) => Tape.Apply(new Where(), mask, a, b);

        /// <summary>The indices of the elements that are not zero (or true): Int64, [count, rank], in row-major order.</summary>
        public Tensor Nonzero() => Tape.Apply(new Nonzero(), x);

        /// <summary>1 at the position that each Int64 index names along a new last dimension, else 0.</summary>
        public Tensor OneHot(long classes, DType dtype = DType.Float32) => Tape.Apply(new OneHot(classes, dtype), x);
    }
}
