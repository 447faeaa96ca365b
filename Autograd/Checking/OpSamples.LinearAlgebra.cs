using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddLinearAlgebra()
    {
        Sample(new Solve(), Dominant(5), new Operand([5, 3]));
        Sample(new Solve(), Dominant(4, 3), new Operand([3, 4, 2]));
        Sample(new Solve(), new Operand([3, 3]) { Values = [0.1, 2, 0.3, 1.5, -0.4, 0.2, 0.5, 0.6, -1.2] }, new Operand([3, 1]));
        foreach (bool transposed in (bool[])[false, true])
        {
            Sample(new OpSample(new LuSolve(transposed), [Dominant(4, 2), new([2, 4]) { Values = [2, 0, 3, 1, 0, 1, 3, 2], Type = DType.Int64 }, new([2, 4, 3])]) { Constants = [0] });
            foreach (bool upper in (bool[])[false, true])
            {
                Sample(new TriangularSolve(upper, transposed, false), Dominant(5), new Operand([5, 3]));
                Sample(new TriangularSolve(upper, transposed, true), Dominant(3, 2, 1), new Operand([2, 3, 4]));
            }
        }

        Sample(new LogDeterminant(), Dominant(5));
        Sample(new LogDeterminant(), new Operand([2, 3, 3]) { Values = [0.1, 2, 0.3, 1.5, -0.4, 0.2, 0.5, 0.6, -1.2, 2, 0.5, 0.25, -0.5, 1.5, 0.7, 0.3, 0.2, 1] });
        Sample(new Cholesky(), Dominant(5));
        Sample(new Cholesky(), Dominant(3, 4));

        Sample(new PairwiseDistance(false), new Operand([5, 7]), new Operand([3, 7]));
        Sample(new PairwiseDistance(false), new Operand([2, 3, 37]), new Operand([2, 19, 37]));
        Sample(new PairwiseDistance(true), new Operand([5, 7]), new Operand([3, 7]));
        Sample(new PairwiseDistance(true), new Operand([2, 18, 21]), new Operand([2, 3, 21]));
        Sample(new ManhattanGradient(), new Operand([2, 4, 3]), new Operand([2, 4, 19]), new Operand([2, 3, 19]));
    }

    /// <summary>Matrices whose diagonal, 3, outweighs each row's and column's other elements: regular, and with positive definite symmetric parts.</summary>
    private static Operand Dominant(int n, int batch = 0, double diagonal = 3)
    {
        int matrices = Math.Max(1, batch);
        Generator generator = new(17);
        double[] values = [.. Enumerable.Range(0, matrices * n * n).Select(e => e / n % n == e % n ? diagonal + 0.1 * (e % 7) : generator.NextDouble() - 0.5)];
        return new(batch == 0 ? [n, n] : [batch, n, n]) { Values = values };
    }
}
