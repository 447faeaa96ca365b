using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Eigenvalues and vectors by what defines them, for sizes around those of panels and strips.</summary>
public sealed class SymmetricEigenTests
{
    private static double[] Random(int n, ulong seed)
    {
        Generator random = new(seed);
        double[] matrix = new double[n * n];
        for (int i = 0; i < n; i++)
            for (int j = i; j < n; j++) matrix[i * n + j] = matrix[j * n + i] = random.NextNormal();
        return matrix;
    }

    // Q·diag(values)·Qᵀ with an orthogonal Q of reflections.
    private static double[] WithValues(double[] values, ulong seed)
    {
        int n = values.Length;
        double[] matrix = new double[n * n];
        for (int i = 0; i < n; i++) matrix[i * (n + 1)] = values[i];
        Generator random = new(seed);
        for (int round = 0; round < 3; round++)
        {
            double[] v = [.. Enumerable.Range(0, n).Select(_ => random.NextNormal())];
            double length = Math.Sqrt(v.Sum(e => e * e));
            for (int i = 0; i < n; i++) v[i] /= length;
            double[] w = [.. Enumerable.Range(0, n).Select(i => Enumerable.Range(0, n).Sum(j => matrix[i * n + j] * v[j]))];
            double both = v.Zip(w, (a, b) => a * b).Sum();
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++) matrix[i * n + j] += -2 * v[i] * w[j] - 2 * w[i] * v[j] + 4 * both * v[i] * v[j];
        }

        for (int i = 0; i < n; i++)
            for (int j = 0; j < i; j++) matrix[i * n + j] = matrix[j * n + i];
        return matrix;
    }

    private static double[] Solve(double[] matrix, int n, int count)
    {
        (double[] values, double[] vectors) = SymmetricEigen.Largest([.. matrix], n, count);
        double scale = Math.Max(double.Epsilon, matrix.Max(Math.Abs)) * Math.Sqrt(n);
        Assert.That(values, Is.Ordered.Descending);
        double worst = 0, skew = 0;
        for (int v = 0; v < count; v++)
        {
            double[] x = vectors[(v * n)..((v + 1) * n)];
            for (int i = 0; i < n; i++) worst = Math.Max(worst, Math.Abs(Enumerable.Range(0, n).Sum(j => matrix[i * n + j] * x[j]) - values[v] * x[i]));
            for (int u = 0; u <= v; u++) skew = Math.Max(skew, Math.Abs(Enumerable.Range(0, n).Sum(j => vectors[u * n + j] * x[j]) - (u == v ? 1 : 0)));
        }

        Assert.That(worst / scale, Is.LessThan(2e-14), "A·x = λ·x");
        Assert.That(skew, Is.LessThan(1e-13), "orthonormal");
        return values;
    }

    [TestCase(1), TestCase(2), TestCase(3), TestCase(4), TestCase(5), TestCase(15), TestCase(16), TestCase(17), TestCase(32), TestCase(33), TestCase(34), TestCase(65), TestCase(130)]
    public void Vectors_are_those_of_the_matrix(int n)
    {
        double[] matrix = Random(n, (ulong)n), values = Solve(matrix, n, n);
        Assert.That(values.Sum(), Is.EqualTo(Enumerable.Range(0, n).Sum(i => matrix[i * (n + 1)])).Within(1e-12 * n), "trace");
        Assert.That(Solve(matrix, n, (n + 1) / 2), Is.EqualTo(values[..((n + 1) / 2)]));
    }

    [Test]
    public void Large_matrices_take_several_threads() => Solve(Random(333, 7), 333, 40);

    [TestCase(1.0), TestCase(1e200), TestCase(1e-200)]
    public void Known_values_are_found_also_where_they_repeat_or_vanish(double scale)
    {
        double[] known = [.. Enumerable.Range(0, 90).Select(i => scale * (i < 30 ? 5 : i < 31 ? 4.999999999 : i < 50 ? Math.Pow(10, 30 - i) : 0)).Order().Reverse()];
        Assert.That(Solve(WithValues(known, 3), 90, 90), Is.EqualTo(known).Within(1e-13 * scale));
    }

    // Sums of a few squares have nothing but rounding errors in most directions, first and last.
    [TestCase(3), TestCase(40), TestCase(119)]
    public void Matrices_of_low_rank_are_solved(int rank)
    {
        const int N = 120;
        double[] factors = Random(N, 5), matrix = new double[N * N];
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                for (int k = 0; k < rank; k++) matrix[i * N + j] += factors[i * N + k] * factors[j * N + k] * Math.Pow(0.9, k);
        Assert.That(Solve(matrix, N, N)[rank..], Is.All.EqualTo(0.0).Within(1e-12));
    }

    [Test]
    public void Matrices_that_are_simple_already_stay()
    {
        double[] diagonal = new double[50 * 50], zero = new double[40 * 40], pairs = new double[36 * 36];
        for (int i = 0; i < 50; i++) diagonal[i * 51] = i;
        for (int i = 0; i < 35; i++) pairs[i * 36 + i + 1] = pairs[(i + 1) * 36 + i] = i % 2 == 0 ? 1 : 0;
        Assert.That(Solve(diagonal, 50, 50), Is.EqualTo(Enumerable.Range(0, 50).Reverse().Select(i => (double)i)).Within(1e-13));
        Assert.That(Solve(zero, 40, 40), Is.All.Zero);
        Assert.That(Solve(pairs, 36, 36), Is.EqualTo(Enumerable.Range(0, 36).Select(i => i < 18 ? 1.0 : -1)).Within(1e-14));
    }

    [Test]
    public void Numbers_that_are_not_finite_end_with_an_error()
    {
        double[] matrix = Random(9, 1);
        matrix[3] = double.NaN;
        Assert.That(() => SymmetricEigen.Largest(matrix, 9, 9), Throws.InstanceOf<ArithmeticException>());
    }
}
