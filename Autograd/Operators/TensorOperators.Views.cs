using System.Runtime.CompilerServices;
using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>The same elements under another shape of as many elements; one length may be −1. A view where possible, else a copy.</summary>
        [OverloadResolutionPriority(1)]
        public Tensor Reshape(params ReadOnlySpan<long> lengths) => Tape.Apply(new Reshape(Kernels.Reshape.Resolve(x, lengths)), x);

        /// <inheritdoc cref="Reshape(Tensor, ReadOnlySpan{long})"/>
        public Tensor Reshape(Shape shape) => Tape.Apply(new Reshape(shape), x);

        /// <summary>Dimension <c>order[k]</c> becomes dimension k; negative ones count from the end.</summary>
        public Tensor Permute(params ReadOnlySpan<int> order)
        {
            int[] axes = order.ToArray();
            for (int i = 0; i < axes.Length; i++)
                if (axes[i] < 0) axes[i] += x.Rank;
            return Tape.Apply(new Permute(axes), x);
        }

        /// <summary>Exchanges two dimensions; the last two by default.</summary>
        public Tensor Transpose(int first = -2, int second = -1)
        {
            int[] order = new int[x.Rank];
            for (int i = 0; i < order.Length; i++) order[i] = i;
            int a = x.Shape.Axis(first), b = x.Shape.Axis(second);
            (order[a], order[b]) = (order[b], order[a]);
            return Tape.Apply(new Permute(order), x);
        }

        /// <summary>Stretches dimensions of length 1, and adds leading ones, without copying.</summary>
        public Tensor Expand(Shape shape) => Tape.Apply(new Expand(shape), x);

        /// <summary>Inserts a dimension of length 1 at this place.</summary>
        public Tensor Unsqueeze(int axis) => Tape.Apply(new Unsqueeze(axis), x);

        /// <summary>Drops a dimension of length 1.</summary>
        public Tensor Squeeze(int axis) => Tape.Apply(new Squeeze(axis), x);

        /// <summary>Elements start, start + step, … along a dimension: a view.</summary>
        public Tensor Slice(int axis, long start, long length, long step = 1) => Tape.Apply(new Slice(axis, start, length, step), x);

        /// <summary>Element <paramref name="index"/> along a dimension, which disappears: a view.</summary>
        public Tensor Select(int axis, long index) => Tape.Apply(new Select(axis, index), x);

        /// <summary>Undoes broadcasting: sums the dimensions that <paramref name="shape"/> lacks or has with length 1.</summary>
        public Tensor SumTo(Shape shape) => x.Shape == shape ? x : Tape.Apply(new SumTo(shape), x);
    }
}
