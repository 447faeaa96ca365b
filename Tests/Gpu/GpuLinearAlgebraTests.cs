using Gradwright.Checking;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Matrices whose sides are, and are not, multiples of a group; and those that have no solution.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuLinearAlgebraTests(string device) : GpuFixture(device)
{
    [TestCase(1)]
    [TestCase(33)]
    [TestCase(100)]
    public void Matrices_of_any_size_give_the_processors_results(int n)
    {
        Tensor a = Tensor.Normal([2, n, n], new Generator(1)), b = Tensor.Normal([2, n, 70], new Generator(2)), positive = a.MatMul(a.Transpose()) + n * Tensor.Eye(n);
        AssertNear(a.To(Gpu).Solve(b.To(Gpu)), a.Solve(b), 1e-3, "solve");
        AssertNear(positive.To(Gpu).Cholesky(), positive.Cholesky(), 1e-4, "Cholesky");
        AssertNear(positive.To(Gpu).SolveTriangular(b.To(Gpu), upper: true, transposed: true), positive.SolveTriangular(b, upper: true, transposed: true), 1e-4, "triangular");
        AssertNear(a.To(Gpu).LogDeterminant().Logarithm, a.LogDeterminant().Logarithm, 1e-4, "determinant");
        Assert.That(a.To(Gpu).LogDeterminant().Sign.ToArray<float>(), Is.EqualTo(a.LogDeterminant().Sign.ToArray<float>()));
        AssertNear(a.To(Gpu).PairwiseDistances(a.To(Gpu)), a.PairwiseDistances(a), 1e-5, "distances");
    }

    [Test]
    public void Matrices_that_have_no_solution_are_named_when_the_host_next_waits()
    {
        Tensor singular = Tensor.From(new[] { 1f, 0, 0, 1, 1, 2, 2, 4 }, [2, 2, 2]).To(Gpu);
        Assert.That(() => singular.Inverse().ToArray<float>(), Throws.TypeOf<ArithmeticException>().With.Message.Contains("at [1] of [2, 2, 2] is singular"));
        Assert.That(() => (-singular).Cholesky().ToArray<float>(), Throws.TypeOf<ArithmeticException>().With.Message.Contains("is not positive definite"));
        Assert.That(singular.Determinant().ToArray<float>(), Is.EqualTo(new float[] { 1, 0 }).Within(1e-6));
    }

    private static void AssertNear(Tensor actual, Tensor expected, double tolerance, string what)
    {
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape), what);
        Values.AssertClose(HostValues.Of(actual), HostValues.Of(expected), tolerance, what);
    }
}
