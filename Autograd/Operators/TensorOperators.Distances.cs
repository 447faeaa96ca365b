namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
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
