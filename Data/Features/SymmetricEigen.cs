using Gradwright.Kernels;

namespace Gradwright.Data;

/// <summary>
/// Eigenvalues and eigenvectors of a symmetric matrix in double precision: Householder reflections make it tridiagonal (in blocks, so that most of the work is matrix products; Dongarra,
/// Hammarling and Sorensen 1989), implicit QL iterations diagonal (<see cref="TridiagonalQL"/>), and the reflections turn the vectors back.
/// </summary>
internal sealed unsafe class SymmetricEigen
{
    private const int Panel = 32;               // reflections that are applied together

    private readonly int _n;
    private readonly double[] _a;               // [n, n], the upper triangle; row j becomes reflection j, from column j + 1 on
    private readonly double[] _diagonal, _beside, _tau;
    private readonly double[] _updates;         // [panel, n]: A −= v·wᵀ + w·vᵀ for each reflection v of the panel; these are −w
    private readonly SymmetricProduct _product;

    private SymmetricEigen(double[] matrix, int n)
    {
        (_n, _a, _product) = (n, matrix, new(n));
        (_diagonal, _beside, _tau, _updates) = (new double[n], new double[n], new double[n], new double[Panel * n]);
    }

    /// <summary>The largest eigenvalues and their vectors.</summary>
    /// <param name="matrix">Symmetric [n, n] with finite elements; its upper triangle is read, and everything overwritten.</param>
    /// <param name="n">Rows.</param>
    /// <param name="count">How many.</param>
    /// <returns>Eigenvalues [count], largest first, and vectors of length 1 [count, n].</returns>
    public static (double[] Values, double[] Vectors) Largest(double[] matrix, int n, int count)
    {
        double scale = matrix.Max(Math.Abs);
        if (scale > 0)
            for (int i = 0; i < matrix.Length; i++) matrix[i] /= scale;
        SymmetricEigen solver = new(matrix, n);
        for (int first = 0; first < n - 1; first += Panel) solver.Reduce(first, Math.Min(Panel, n - 1 - first));
        solver._diagonal[n - 1] = matrix[n * n - 1];
        double[] vectors = TridiagonalQL.Solve(solver._diagonal, solver._beside, count);
        solver.TurnBack(vectors, count);
        return ([.. solver._diagonal.Take(count).Select(value => value * scale)], vectors);
    }

    private Span<double> Row(int row, int from) => _a.AsSpan(row * _n + from, _n - from);

    private Span<double> Update(int p, int from) => _updates.AsSpan(p * _n + from, _n - from);

    // Makes rows first … first + count − 1 tridiagonal, and applies their reflections to the rows below.
    private void Reduce(int first, int count)
    {
        for (int p = 0; p < count; p++)
        {
            int j = first + p;
            Span<double> row = Row(j, j);
            for (int q = 0; q < p; q++)
            {
                DoubleMath.AddScaled(row, Row(first + q, j)[0], Update(q, j));
                DoubleMath.AddScaled(row, Update(q, j)[0], Row(first + q, j));
            }

            _diagonal[j] = row[0];
            Span<double> v = row[1..], w = Update(p, j + 1);
            _beside[j] = Reflection(v, out double tau);
            _tau[j] = tau;
            _product.Run(_a, j + 1, v, w);
            for (int q = 0; q < p; q++)
            {
                Span<double> earlier = Row(first + q, j + 1), update = Update(q, j + 1);
                (double along, double beside) = (DoubleMath.Dot(update, v), DoubleMath.Dot(earlier, v));
                DoubleMath.AddScaled(w, along, earlier);
                DoubleMath.AddScaled(w, beside, update);
            }

            double half = 0.5 * tau * tau * DoubleMath.Dot(w, v);
            for (int i = 0; i < w.Length; i++) w[i] = half * v[i] - tau * w[i];
        }

        for (int p = 0; p < count; p++)             // reflections have no part in the rows before them
        {
            _a.AsSpan((first + p) * _n, first + p + 1).Clear();
            _updates.AsSpan(p * _n, first + p + 1).Clear();
        }

        ApplyPanel(first, count);
    }

    // A −= V·Wᵀ + W·Vᵀ where both are not done yet, from the diagonal on, in blocks of rows.
    private void ApplyPanel(int first, int count)
    {
        const int Rows = 256;
        fixed (double* a = _a, minusW = _updates)
            for (int row = first + count; row < _n; row += Rows)
            {
                double* v = a + (nint)first * _n + row, w = minusW + row;
                GemmArguments<double> product = new()
                {
                    M = Math.Min(Rows, _n - row), N = _n - row, K = count, A = v, RowA = 1, ColA = _n, B = w, RowB = _n, ColB = 1, C = a + (nint)row * _n + row, RowC = _n, ColC = 1, Accumulate = true,
                };
                Gemm.Run(product);
                product.A = w;
                product.B = v;
                Gemm.Run(product);
            }
    }

    // Makes x the reflection v = (1, …) with (1 − τ·v·vᵀ)·x = (result, 0, …).
    private static double Reflection(Span<double> x, out double tau)
    {
        double head = x[0], rest = Math.Sqrt(DoubleMath.Dot(x[1..], x[1..]));
        x[0] = 1;
        tau = 0;
        if (rest == 0) return head;
        double result = -Math.CopySign(double.Hypot(head, rest), head), scale = 1 / (head - result);
        for (int i = 1; i < x.Length; i++) x[i] *= scale;
        tau = (result - head) / result;
        return result;
    }

    // Vectors of the tridiagonal matrix [count, n] to those of the first one: X −= ((X·V)·Tᵀ)·Vᵀ for each panel, the last first, where 1 − V·T·Vᵀ is the product of its reflections.
    private void TurnBack(double[] vectors, int count)
    {
        double[] t = new double[Panel * Panel], products = new double[count * Panel], turned = new double[count * Panel];
        for (int first = (_n - 2) / Panel * Panel; first >= 0 && _n > 1; first -= Panel)
        {
            int size = Math.Min(Panel, _n - 1 - first);
            Triangle(first, size, t);
            fixed (double* a = _a, x = vectors, p = products, q = turned, minusT = t)
            {
                double* v = a + (nint)first * _n + first, own = x + first;     // reflections have no part in columns before these
                Gemm.Run(new GemmArguments<double> { M = count, N = size, K = _n - first, A = own, RowA = _n, ColA = 1, B = v, RowB = 1, ColB = _n, C = p, RowC = Panel, ColC = 1 });
                Gemm.Run(new GemmArguments<double> { M = count, N = size, K = size, A = p, RowA = Panel, ColA = 1, B = minusT, RowB = 1, ColB = Panel, C = q, RowC = Panel, ColC = 1 });
                Gemm.Run(new GemmArguments<double> { M = count, N = _n - first, K = size, A = q, RowA = Panel, ColA = 1, B = v, RowB = _n, ColB = 1, C = own, RowC = _n, ColC = 1, Accumulate = true });
            }
        }
    }

    // −T [panel, panel], upper triangular: column i is −τ·T·Vᵀ·v of the reflections before it, and τ.
    private void Triangle(int first, int size, double[] minusT)
    {
        Array.Clear(minusT);
        double[] along = new double[size];
        for (int i = 0; i < size; i++)
        {
            double tau = _tau[first + i];
            for (int q = 0; q < i; q++) along[q] = DoubleMath.Dot(Row(first + q, first), Row(first + i, first));
            for (int r = 0; r < i; r++)
                for (int q = r; q < i; q++) minusT[r * Panel + i] -= tau * minusT[r * Panel + q] * along[q];
            minusT[i * Panel + i] = -tau;
        }
    }
}
