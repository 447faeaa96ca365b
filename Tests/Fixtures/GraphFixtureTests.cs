using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class GraphFixtureTests
{
    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["graph", "convolution"])]
    public void Graph_convolution_agrees_with_an_independent_implementation(Fixture fixture)
    {
        int outputs = (int)fixture.Tensors("parameters", DType.Float64)["weight"].Shape[0];
        fixture.Check(dtype => new GraphConvolution(4, outputs, dtype: dtype), OnGraph);
    }

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["graph", "attention"])]
    public void Graph_attention_agrees_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(dtype => new GraphAttention(4, 3, fixture.Integer("heads"), fixture.Flag("average"), dtype: dtype), OnGraph);

    private static Tensor[] OnGraph(Module<(Tensor, Edges), Tensor> layer, Tensor[] x)
    {
        using Edges edges = new(x[1], x[2], x[0].Shape[0]);
        return [layer.Forward((x[0], edges))];
    }
}
