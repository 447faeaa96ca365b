using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class AlgebraFixtureTests
{
    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["algebra", ""])]
    public void Algebra_agrees_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(x => [Compute(fixture.Name.Split(',', ' ')[0], fixture, x)]);

    private static Tensor Compute(string name, Fixture f, Tensor[] x) => name switch
    {
        "solve" => x[0].Solve(x[1]),
        "inverse" => x[0].Inverse(),
        "determinant" => x[0].Determinant(),
        "log-determinant" => x[0].LogDeterminant().Logarithm,
        "cholesky" => x[0].Cholesky(),
        "triangular" => x[0].SolveTriangular(x[1], f.Flag("upper"), f.Flag("transposed"), f.Flag("unit")),
        "cumprod" => x[0].CumulativeProduct(f.Integer("axis")),
        "scatter" => x[0].ScatterReduce(1, x[2], x[1], Enum.Parse<ScatterReduction>(f.Text("reduction"), ignoreCase: true), f.Flag("include")),
        "cdist" => x[0].PairwiseDistances(x[1], f.Number("p")),
        "cosine" => x[0].CosineSimilarity(x[1]),
        "kronecker" => x[0].Kronecker(x[1]),
        "cross" => x[0].Cross(x[1]),
        _ => throw new ArgumentException($"There is no operation '{name}'."),
    };
}
