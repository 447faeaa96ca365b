using Gradwright.Checking;
using NUnit.Framework;

namespace Gradwright.Tests.Kernels;

[InTensorScope]
public sealed class LinearAlgebraTests
{
    // Sides below, at and beyond the blocks of the factorisations.
    private static readonly int[] _sides = [1, 2, 5, 31, 32, 33, 64, 100];

    [TestCaseSource(nameof(_sides))]
    public void Solutions_satisfy_their_equations(int n)
    {
        foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
        {
            double tolerance = n * (dtype == DType.Float32 ? 1e-4 : 1e-12);
            Tensor a = Random(2, n, n, dtype), b = Random(2, n, 7, dtype);
            AssertSmall(a.MatMul(a.Solve(b)) - b, tolerance, $"{dtype}, solve");
            AssertSmall(a.Inverse().MatMul(a) - Tensor.Eye(n, dtype: dtype), tolerance, $"{dtype}, inverse");
            Tensor spread = a + n * Tensor.Eye(n, dtype: dtype);
            foreach (bool upper in (bool[])[false, true])
            {
                Tensor t = upper ? spread.UpperTriangle() : spread.LowerTriangle();
                AssertSmall(t.MatMul(spread.SolveTriangular(b, upper)) - b, tolerance, $"{dtype}, upper {upper}");
                AssertSmall(t.Transpose().MatMul(spread.SolveTriangular(b, upper, transposed: true)) - b, tolerance, $"{dtype}, upper {upper}, transposed");
            }
        }
    }

    [TestCaseSource(nameof(_sides))]
    public void Factors_of_positive_matrices_multiply_to_them(int n)
    {
        Tensor x = Random(2, n, n + 3, DType.Float64), a = x.MatMul(x.Transpose()), l = a.Cholesky();
        AssertSmall(l.MatMul(l.Transpose()) - a, n * 1e-13, "LLᵀ");
        AssertSmall(l.UpperTriangle(1), 0, "above the diagonal");
        (Tensor sign, Tensor logarithm) = a.LogDeterminant();
        Assert.That(sign.ToArray<double>(), Is.EqualTo(new double[] { 1, 1 }));
        AssertSmall(logarithm - 2 * l.Diagonal().Log().Sum(-1), n * 1e-10, "ln det = 2 Σ ln of the factor's diagonal");
    }

    [Test]
    public void Determinants_by_hand()
    {
        Tensor a = Tensor.From(new[] { 0.0, 2, 3, 4, 1, 2, 2, 4 }, [2, 2, 2]);
        Assert.That(a.Determinant().ToArray<double>(), Is.EqualTo(new double[] { -6, 0 }).Within(1e-14), "rows change places; a singular matrix");
        Assert.That(a.LogDeterminant().Sign.ToArray<double>(), Is.EqualTo(new double[] { -1, 0 }));
        Assert.That((Tensor.Eye(500, dtype: DType.Float64) * 1e-3).LogDeterminant().Logarithm.ToDouble(), Is.EqualTo(-500 * Math.Log(1000)).Within(1e-9), "far below what a number holds");
    }

    [Test]
    public void Vectors_and_batches_are_right_sides_too()
    {
        Tensor a = Random(0, 4, 4, DType.Float64), b = Random(3, 4, 2, DType.Float64), v = b.Select(0, 0).Select(1, 0);
        Assert.That(a.Solve(v).ToArray<double>(), Is.EqualTo(a.Solve(v.Unsqueeze(1)).ToArray<double>()));
        AssertSmall(a.MatMul(a.Solve(b)) - b, 1e-12, "one matrix, three right sides");
        Assert.That(Tensor.Zeros([0, 3, 3]).Inverse().Shape, Is.EqualTo((Shape)(long[])[0, 3, 3]));
        Assert.That(Tensor.Zeros([0, 0]).Determinant().ToDouble(), Is.EqualTo(1), "of no rows at all");
    }

    [Test]
    public void Matrices_that_have_no_solution_are_named()
    {
        Tensor singular = Tensor.From(new[] { 1f, 0, 0, 1, 1, 2, 2, 4 }, [2, 2, 2]);
        Assert.That(() => singular.Inverse(), Throws.TypeOf<ArithmeticException>().With.Message.Contains("at [1] of [2, 2, 2] is singular"));
        Assert.That(() => (-Tensor.Eye(3)).Cholesky(), Throws.TypeOf<ArithmeticException>().With.Message.Contains("the matrix of [3, 3] is not positive definite"));
        Assert.That(() => Tensor.Full([2, 2], double.NaN).Cholesky(), Throws.TypeOf<ArithmeticException>());
        Assert.That(() => Tensor.Zeros([2, 3]).Inverse(), Throws.TypeOf<ShapeException>().With.Message.Contains("square matrices"));
        Assert.That(() => Tensor.Eye(3).Solve(Tensor.Zeros([2, 1])), Throws.TypeOf<ShapeException>().With.Message.Contains("matrices [3, 3] and right sides [2, 1]"));
        Assert.That(() => Tensor.Eye(3).Solve(Tensor.Zeros([3, 1], DType.Float64)), Throws.TypeOf<DTypeException>());
        Assert.That(() => Tensor.Eye(3, dtype: DType.Int64).Determinant(), Throws.TypeOf<DTypeException>());
        Assert.That(() => Tensor.Eye(3).Cross(Tensor.Eye(2)), Throws.TypeOf<ShapeException>().With.Message.Contains("length 3"));
        Assert.That(() => Tensor.Eye(3).Outer(Tensor.Eye(2)), Throws.TypeOf<ShapeException>().With.Message.Contains("vectors are expected"));
    }

    [Test]
    public void Near_vectors_far_from_the_origin_keep_their_distance()
    {
        Tensor x = Tensor.Full([1, 64], 1000f), y = x + 0.5;
        Assert.That(x.PairwiseDistances(y).ToDouble(), Is.EqualTo(4).Within(1e-6), "√64 · ½; a product of matrices would be off by several units");
        Assert.That(x.PairwiseDistances(x).ToDouble(), Is.Zero);
        using Tape tape = new();
        Tensor watched = tape.Watch(Tensor.Ones([2, 3]));
        Assert.That(tape.Gradients(watched.PairwiseDistances(watched.Detach()).Sum(), [watched])[0].ToArray<float>(), Is.EqualTo(new float[6]), "at distance 0");
        Assert.That(() => x.PairwiseDistances(y, 3), Throws.ArgumentException.With.Message.Contains("must be 1 or 2"));
        Assert.That(() => x.PairwiseDistances(Tensor.Zeros([1, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains("vectors [1, 64] and [1, 3]"));
    }

    [TestCase(1, 1, 1)]
    [TestCase(4, 2, 16)]
    [TestCase(5, 3, 17)]
    [TestCase(9, 33, 100)]
    public void Distances_of_any_number_of_vectors(int p, int r, int m)
    {
        Tensor x = Random(0, p, m, DType.Float64), y = Random(0, r, m, DType.Float64), difference = x.Unsqueeze(1) - y;
        AssertSmall(x.PairwiseDistances(y) - difference.Norm(-1), 1e-13, "Euclid");
        AssertSmall(x.PairwiseDistances(y, 1) - difference.Abs().Sum(-1), 1e-12, "Manhattan");
    }

    [Test]
    public void Small_products_by_hand()
    {
        Tensor a = Tensor.From(1.0, 2, 3), b = Tensor.From(4.0, 5, 6);
        Assert.That(a.Cross(b).ToArray<double>(), Is.EqualTo(new double[] { -3, 6, -3 }));
        Assert.That(a.Outer(b.Slice(0, 0, 2)).ToArray<double>(), Is.EqualTo(new double[] { 4, 5, 8, 10, 12, 15 }));
        Assert.That(a.Lerp(b, 0.5).ToArray<double>(), Is.EqualTo(new[] { 2.5, 3.5, 4.5 }));
        Assert.That(a.CosineSimilarity(b).ToDouble(), Is.EqualTo(32 / Math.Sqrt(14 * 77)).Within(1e-15));
        Assert.That((a * 0).CosineSimilarity(b).ToDouble(), Is.Zero);
        Tensor m = Tensor.From(new double[] { 1, 2, 3, 4 }, [2, 2]);
        Assert.That(m.Trace().ToDouble(), Is.EqualTo(5));
        Assert.That(m.Kronecker(Tensor.From(new double[] { 1, 10 }, [1, 2])).ToArray<double>(), Is.EqualTo(new double[] { 1, 10, 2, 20, 3, 30, 4, 40 }));
    }

    private static Tensor Random(int batch, int rows, int columns, DType dtype)
        => Tensor.Normal(batch == 0 ? [rows, columns] : [batch, rows, columns], new Generator((ulong)(rows + 1000 * columns)), dtype: dtype);

    private static void AssertSmall(Tensor difference, double tolerance, string what)
        => Assert.That(HostValues.Of(difference).Select(Math.Abs).DefaultIfEmpty(0).Max(), Is.LessThanOrEqualTo(tolerance), what);
}
