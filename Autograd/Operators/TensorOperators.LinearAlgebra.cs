using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// The solution y of x y = b, by LU factors with partial pivoting: x [.., n, n], b [.., n, m] or a vector [n]; dimensions in front broadcast.
        /// </summary>
        /// <exception cref="ArithmeticException">A matrix is singular; on a GPU thrown when the host next waits for it.</exception>
        public Tensor Solve(Tensor b)
        {
            using TensorScope scope = new();
            return TensorScope.Keep(Solved(x, b, static (a, right) => Tape.Apply(new Solve(), a, right)));
        }

        /// <summary>The solution y of T y = b for the lower triangle T of x (or the upper one): x [.., n, n], b [.., n, m] or a vector [n]; dimensions in front broadcast.</summary>
        /// <param name="b">Right sides.</param>
        /// <param name="upper">T is the upper triangle; the other one is not read.</param>
        /// <param name="transposed">Solve Tᵀ y = b.</param>
        /// <param name="unitDiagonal">T's diagonal is taken as ones, and not read.</param>
        public Tensor SolveTriangular(Tensor b, bool upper = false, bool transposed = false, bool unitDiagonal = false)
        {
            using TensorScope scope = new();
            return TensorScope.Keep(Solved(x, b, (a, right) => Tape.Apply(new TriangularSolve(upper, transposed, unitDiagonal), a, right)));
        }

        /// <summary>
        /// The lower triangular L with LLᵀ = x for symmetric, positive definite matrices [.., n, n]. Of matrices that are not symmetric the symmetric part (x + xᵀ)/2 counts.
        /// </summary>
        /// <exception cref="ArithmeticException">A matrix is not positive definite; on a GPU thrown when the host next waits for it.</exception>
        public Tensor Cholesky() => Tape.Apply(new Cholesky(), x);

        /// <summary>The inverses of matrices [.., n, n]. To solve equations, <see cref="Solve(Tensor, Tensor)"/> is faster and more accurate.</summary>
        /// <exception cref="ArithmeticException">A matrix is singular; on a GPU thrown when the host next waits for it.</exception>
        public Tensor Inverse()
        {
            Matrices.Square(new Solve(), "the matrix", x);
            using TensorScope scope = new();
            return TensorScope.Keep(Tape.Apply(new Solve(), x, Vjp.Identity(x)));
        }

        /// <summary>The determinants of matrices [.., n, n] → [..]. The gradient of a singular matrix is not finite.</summary>
        public Tensor Determinant()
        {
            using TensorScope scope = new();
            (Tensor sign, Tensor logarithm) = x.LogDeterminant();
            return TensorScope.Keep(sign * logarithm.Exp());
        }

        /// <summary>The signs of the determinants of matrices [.., n, n], and ln |det x|, which neither over- nor underflows; a singular matrix gives 0 and −∞.</summary>
        public (Tensor Sign, Tensor Logarithm) LogDeterminant()
        {
            Op.Outputs y = default;
            Tape.Apply(new LogDeterminant(), [x], y);
            return (y[0]!, y[1]!);
        }

        /// <summary>The sums of the diagonals of matrices [.., n, m] → [..].</summary>
        public Tensor Trace()
        {
            using TensorScope scope = new();
            return TensorScope.Keep(x.Diagonal().Sum(-1));
        }

        /// <summary>All products of an element of vector x [n] and one of vector b [m]: [n, m].</summary>
        public Tensor Outer(Tensor b)
        {
            ArgumentNullException.ThrowIfNull(b);
            if (x.Rank != 1 || b.Rank != 1) throw new ShapeException($"Outer: vectors are expected, but the operands have shapes {x.Shape} and {b.Shape}. Reshape(-1) flattens; x.Unsqueeze(-1) * b.Unsqueeze(-2) takes batches.");
            using TensorScope scope = new();
            return TensorScope.Keep(x.Unsqueeze(1) * b);
        }

        /// <summary>The cross product of vectors of three elements along a dimension, the last by default; the others broadcast.</summary>
        public Tensor Cross(Tensor b, int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(b);
            if (x.Shape[axis] != 3 || b.Shape[axis] != 3) throw new ShapeException($"Cross: dimension {axis} of {x.Shape} and of {b.Shape} must have length 3.");
            using TensorScope scope = new();
            return TensorScope.Keep(x.Roll(-1, axis) * b.Roll(-2, axis) - x.Roll(-2, axis) * b.Roll(-1, axis));
        }

        /// <summary>Kronecker's product of matrices x [m, n] and b [p, q]: [m p, n q], each element of x times all of b.</summary>
        public Tensor Kronecker(Tensor b)
        {
            ArgumentNullException.ThrowIfNull(b);
            if (x.Rank != 2 || b.Rank != 2) throw new ShapeException($"Kronecker: matrices are expected, but the operands have shapes {x.Shape} and {b.Shape}.");
            using TensorScope scope = new();
            Tensor blocks = x.Unsqueeze(1).Unsqueeze(3) * b.Unsqueeze(1);      // [m, 1, n, 1] × [p, 1, q] → [m, p, n, q]
            return TensorScope.Keep(blocks.Reshape(x.Shape[0] * b.Shape[0], x.Shape[1] * b.Shape[1]));
        }

        /// <summary>x + weight (b − x), broadcast: x at 0, b at 1.</summary>
        public Tensor Lerp(Tensor b, double weight)
        {
            using TensorScope scope = new();
            return TensorScope.Keep(x + weight * (b - x));
        }
    }

    /// <summary>Brings matrices and right sides to one batch, solves, and gives the result the right sides' form.</summary>
    private static Tensor Solved(Tensor a, Tensor b, Func<Tensor, Tensor, Tensor> solve)
    {
        ArgumentNullException.ThrowIfNull(b);
        Matrices.Square(new Solve(), "the matrix", a);
        if (b.Rank == 1) return Solved(a, b.Unsqueeze(1), solve).Squeeze(-1);
        Shape front = a.Rank == b.Rank && a.Shape.Span[..^2].SequenceEqual(b.Shape.Span[..^2]) ? Matrices.Front(a.Shape, 2)
            : b.Rank < 2 ? [] : Shape.Broadcast(Matrices.Front(a.Shape, 2), Matrices.Front(b.Shape, 2), "Solve");
        Tensor matrices = Matrices.Front(a.Shape, 2) == front ? a : a.Expand((long[])[.. front.Span, .. a.Shape.Span[^2..]]);
        Tensor right = b.Rank < 2 || Matrices.Front(b.Shape, 2) == front ? b : b.Expand((long[])[.. front.Span, .. b.Shape.Span[^2..]]);
        return solve(matrices, right);
    }
}
