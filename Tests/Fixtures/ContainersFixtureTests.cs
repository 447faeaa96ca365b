using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class ContainersFixtureTests
{
    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["containers", ""])]
    public void Containers_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(dtype => fixture.Name switch
        {
            "residual" => new Residual(new Sequential(new Linear(5, 4, dtype: dtype), new Tanh(), new Linear(4, 5, dtype: dtype))),
            "residual with projection" => new Residual(new Conv2D(3, 4, 3, stride: 2, padding: 1, dtype: dtype), new Conv2D(3, 4, 1, stride: 2, bias: false, dtype: dtype)),
            "branches side by side" => new Branches(new Conv2D(3, 2, 1, dtype: dtype), new Conv2D(3, 4, 3, padding: 1, dtype: dtype), new Conv2D(3, 1, 5, padding: 2, dtype: dtype)),
            "branches along the last dimension" => new Branches(BranchJoin.Concatenate, -1, new Linear(4, 2, dtype: dtype), new Linear(4, 3, dtype: dtype)),
            "branches added up" => new Branches(BranchJoin.Sum, 1, new Linear(5, 2, dtype: dtype), new Linear(5, 2, bias: false, dtype: dtype)),
            "branches averaged" => new Branches(BranchJoin.Average, 1, new Linear(5, 2, dtype: dtype), new Sequential(new Linear(5, 2, dtype: dtype), new Tanh()), new Linear(5, 2, dtype: dtype)),
            "dense" => new Sequential(new DenseConcat(new Conv2D(3, 2, 3, padding: 1, dtype: dtype)), new DenseConcat(new Conv2D(5, 2, 3, padding: 1, dtype: dtype))),
            "dense along the last dimension" => (Module<Tensor, Tensor>)new DenseConcat(new Linear(4, 2, dtype: dtype), -1),
            _ => throw new ArgumentException($"There is no layer for '{fixture.Name}'."),
        });
}
