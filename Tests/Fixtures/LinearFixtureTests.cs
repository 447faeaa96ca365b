using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class LinearFixtureTests
{
    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["linear", ""])]
    public void Linear_agrees_with_an_independent_implementation(Fixture fixture)
    {
        long[] weight = fixture.Tensors("parameters", DType.Float64)["weight"].Shape.Span.ToArray();
        fixture.Check(dtype => new Linear((int)weight[1], (int)weight[0], fixture.Flag("bias", true), dtype));
    }

    [Test]
    public void A_wrong_number_is_noticed()
    {
        Fixture fixture = Fixture.Load("linear")[0];
        AssertionException error = Assert.Throws<AssertionException>(() =>
        {
            using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
                fixture.Check(dtype => new Linear(3, 4, dtype: dtype), (linear, x) => [linear.Forward(x[0]) + 1e-8]);
        })!;
        Assert.That(error.Message, Does.Contain("output y0, element 0"));
    }
}
