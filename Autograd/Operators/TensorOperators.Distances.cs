using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// The distances of all vectors x [.., P, M] from all vectors y [.., R, M]: [.., P, R]. Computed from differences, so that near vectors far from the origin lose nothing;
        /// the gradient at a distance of 0 is 0.
        /// </summary>
        /// <param name="y">The other vectors, with the same dimensions in front.</param>
        /// <param name="p">2 for Euclid's distance, 1 for Manhattan's.</param>
        /// <exception cref="ShapeException">The vectors' lengths, or the dimensions in front, differ.</exception>
        public Tensor PairwiseDistances(Tensor y, double p = 2)
        {
            if (p is not (1 or 2)) throw new ArgumentException($"PairwiseDistances: p is {p}, but must be 1 or 2. Write (x.Unsqueeze(-2) - y.Unsqueeze(-3)).Norm(-1, {p}).");
            return Tape.Apply(new PairwiseDistance(p == 1), x, y);
        }

        /// <summary>x · b / (‖x‖ ‖b‖) along a dimension, the last by default: the cosine of the angle between vectors. Broadcast.</summary>
        /// <param name="b">The other vectors.</param>
        /// <param name="axis">The dimension of the vectors' elements.</param>
        /// <param name="epsilon">Each length counts as at least this, so that a zero vector gives 0.</param>
        public Tensor CosineSimilarity(Tensor b, int axis = -1, double epsilon = 1e-8)
        {
            using TensorScope scope = new();
            Tensor lengths = x.Norm(axis).Maximum(epsilon) * b.Norm(axis).Maximum(epsilon);
            return TensorScope.Keep((x * b).Sum(axis) / lengths);
        }
    }
}
