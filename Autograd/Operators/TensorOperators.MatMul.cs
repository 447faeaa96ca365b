using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// The matrix product: [.., M, K] × [.., K, N] → [.., M, N]; leading dimensions broadcast. A vector [K] on the left is a row,
        /// on the right a column, and its dimension is gone from the result.
        /// </summary>
        /// <exception cref="ShapeException">The inner dimensions differ.</exception>
        public Tensor MatMul(Tensor b)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(b);
            if (x.Rank > 1 && b.Rank > 1) return Tape.Apply(Kernels.MatMul.Instance, x, b);
            if (x.Rank == 0 || b.Rank == 0)
                throw new ShapeException($"MatMul: a {x.Shape} × b {b.Shape} has a scalar, which has no dimension to sum over. Write a * b.");
            if (x.Rank == 1 && b.Rank == 1) return x.Unsqueeze(0).MatMul(b.Unsqueeze(1)).Reshape();
            return x.Rank == 1 ? x.Unsqueeze(0).MatMul(b).Squeeze(-2) : x.MatMul(b.Unsqueeze(1)).Squeeze(-1);
        }

        /// <summary>activation(x · b + bias), with a rectifier in one pass: x [.., M, K], b [.., K, N], bias [N] → [.., M, N].</summary>
        public Tensor MatMul(Tensor b, Tensor? bias, Activation activation = Activation.None)
        {
            MatMulOp op = activation == Activation.Relu ? new ActivatedMatMul(activation) : Kernels.MatMul.Instance;
            Tensor y = bias is null ? Tape.Apply(op, x, b) : Tape.Apply(op, x, b, bias);
            if (activation == Activation.Relu) return y;
            foreach (Op step in ActivationOps.Of(activation)) y = Tape.Apply(step, y);
            return y;
        }
    }
}
