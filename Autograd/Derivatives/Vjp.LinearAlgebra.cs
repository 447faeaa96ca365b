using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddLinearAlgebra()
    {
        // X = A⁻¹ B: dB = A⁻ᵀ dX, dA = −dB Xᵀ. The factors serve again, unless the derivative is itself differentiated.
        Jointly<Solve>(Saves.Inputs | Saves.Output, (c, op) =>
        {
            Tensor db = c.CreatesGraph ? c[0].Transpose().Solve(c.G) : Tape.Apply(new LuSolve(Transposed: true), c.Kept(0), c.Kept(1), c.G);
            c.Set(1, db);
            if (c.Needs(0)) c.Set(0, -db.MatMul(c.Y.Transpose()));
        });
        Jointly<LuSolve>(Saves.Input0 | Saves.Input1, (c, op) =>
        {
            if (c.Needs(0)) throw new TapeException("LuSolve: the factors of a matrix have no derivative. Differentiate Solve, which is given the matrix itself.");
            c.Set(2, Tape.Apply(new LuSolve(!op.Transposed), c[0], c[1], c.G));
        });

        // d ln|det A| = Σ A⁻ᵀ ∘ dA; the sign is constant.
        Jointly<LogDeterminant>(Saves.Input0 | Saves.Kept, (c, op) =>
        {
            Tensor a = c[0], identity = Identity(a);
            Tensor inverse = c.CreatesGraph ? a.Transpose().Solve(identity) : Tape.Apply(new LuSolve(Transposed: true), c.Kept(0), c.Kept(1), identity);
            c.Set(0, c.Gradient(1).Unsqueeze(-1).Unsqueeze(-1) * inverse);
        });

        // op(T) X = B: dB = op(T)⁻ᵀ dX, and −dB Xᵀ is the gradient of op(T), of which only the triangle counts.
        Jointly<TriangularSolve>(Saves.Input0 | Saves.Output, (c, op) =>
        {
            Tensor db = Tape.Apply(op with { Transposed = !op.Transposed }, c[0], c.G);
            c.Set(1, db);
            if (!c.Needs(0)) return;
            Tensor full = op.Transposed ? -c.Y.MatMul(db.Transpose()) : -db.MatMul(c.Y.Transpose());
            int diagonal = op.Unit ? 1 : 0;
            c.Set(0, op.Upper ? full.UpperTriangle(diagonal) : full.LowerTriangle(-diagonal));
        });

        // With M = Lᵀ dL, its lower triangle with half of the diagonal P, and S = L⁻ᵀ P L⁻¹: dA = (S + Sᵀ)/2 (Murray 2016).
        Of<Cholesky>(Saves.Output, c =>
        {
            Tensor l = c.Y, m = l.Transpose().MatMul(c.G), p = 0.5 * (m.LowerTriangle() + m.LowerTriangle(-1));
            Tensor left = l.SolveTriangular(p, transposed: true), s = l.SolveTriangular(left.Transpose(), transposed: true);
            return 0.5 * (s + s.Transpose());
        });

        Of<PairwiseDistance>(
            (Saves.Inputs | Saves.Output, c => DistanceGradient(c, c.G, c[0], c[1], c.Y)),
            (Saves.Inputs | Saves.Output, c => DistanceGradient(c, c.G.Transpose(), c[1], c[0], c.Y.Transpose())));
        Of<ManhattanGradient>(
            (Saves.Input1 | Saves.Input2, c => (c.G.Unsqueeze(-2) * (c[1].Unsqueeze(-2) - c[2].Unsqueeze(-3)).Sign()).Sum(-1)),
            (Saves.Nothing, Nought),
            (Saves.Input2, c => c[2] * 0));
    }

    /// <summary>By x: Σⱼ gᵢⱼ (xᵢ − yⱼ)/dᵢⱼ, as a product of matrices, with 0 for distances of 0; or Σⱼ gᵢⱼ sign(xᵢ − yⱼ).</summary>
    private static Tensor DistanceGradient(VjpContext c, Tensor g, Tensor x, Tensor y, Tensor distances)
    {
        if (((PairwiseDistance)c.Op).Manhattan) return Tape.Apply(new ManhattanGradient(), g, x, y);
        Tensor weights = Tape.Apply(Binary<SafeDivide>.Instance, g, distances);
        return x * weights.Sum(-1, keepDimensions: true) - weights.MatMul(y);
    }

    /// <summary>The identity, as often as there are matrices.</summary>
    internal static Tensor Identity(Tensor matrices)
        => Tensor.Eye(matrices.Shape[^1], dtype: matrices.DType).To(matrices.Accelerator).Expand(matrices.Shape);
}
