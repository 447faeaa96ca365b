using Gradwright.Checking;
using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>Graph layers against their dense formulas.</summary>
[InTensorScope]
public sealed class GraphLayerTests
{
    private const int Nodes = 12;

    [Test]
    public void A_graph_convolution_agrees_with_the_dense_formula([Values(3, 7)] int outputs)
    {
        using Edges edges = Graph();
        using GraphConvolution layer = new(5, outputs, dtype: DType.Float64);
        Tensor x = Random([Nodes, 5], 1), a = Adjacency(edges) + Identity(), d = a.Sum(1).Rsqrt();
        Close(layer.Forward(x, edges), (d.Unsqueeze(1) * a * d).MatMul(x).MatMul(layer.Weight.Transpose()));
    }

    [Test]
    public void Graph_attention_agrees_with_the_dense_formula()
    {
        using Edges edges = Graph();
        using GraphAttention layer = new(5, 3, heads: 2, dtype: DType.Float64), average = new(5, 3, heads: 2, average: true, dtype: DType.Float64);
        layer.Initialize(new Generator(3));
        Tensor x = Random([Nodes, 5], 1), h = x.MatMul(layer.Weight.Transpose()).Reshape(Nodes, 2, 3).Transpose(0, 1), a = Adjacency(edges) + Identity();
        Tensor scores = ((h * layer.TargetAttention.Reshape(2, 1, 3)).Sum(-1, keepDimensions: true) + (h * layer.SourceAttention.Reshape(2, 1, 3)).Sum(-1).Unsqueeze(1)).LeakyRelu(0.2);
        Tensor heads = (scores + a.Log()).Softmax().MatMul(h);
        Close(layer.Forward(x, edges), heads.Transpose(0, 1).Reshape(Nodes, 6));
        average.LoadState(layer.StateDictionary().Where(entry => entry.Key != "bias").ToDictionary(), strict: false);
        Close(average.Forward(x, edges), heads.Mean(0));
    }

    [Test]
    public void Renaming_the_nodes_renames_the_result()
    {
        using Edges edges = Graph();
        using GraphAttention layer = new(5, 3, heads: 2, dtype: DType.Float64);
        Tensor x = Random([Nodes, 5], 1), order = Tensor.Permutation(Nodes, new Generator(4)), name = order.Sort().Indices;     // node i is called name[i]
        using Edges renamed = new(name.IndexSelect(0, edges.Sources.Ids), name.IndexSelect(0, edges.Targets.Ids), Nodes);
        Close(layer.Forward(x.IndexSelect(0, order), renamed), layer.Forward(x, edges).IndexSelect(0, order));
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        using Edges edges = Graph(), bipartite = new(Tensor.From(0L), Tensor.From(0L), 3, 2);
        using GraphConvolution convolution = new(5, 2);
        using GraphAttention attention = new(5, 2);
        Assert.That(() => convolution.Forward(Tensor.Zeros([Nodes, 4]), edges), Throws.TypeOf<ShapeException>().With.Message.Contains($"[{Nodes}, 5]"));
        Assert.That(() => convolution.Forward(Tensor.Zeros([Nodes - 1, 5]), edges), Throws.TypeOf<ShapeException>().With.Message.Contains("per node"));
        Assert.That(() => attention.Forward(Tensor.Zeros([3, 5]), bipartite), Throws.TypeOf<ShapeException>().With.Message.Contains("nodes of one graph"));
        Assert.That(() => attention.Forward(Tensor.Zeros([Nodes, 5], DType.Float64), edges), Throws.TypeOf<DTypeException>());
        Assert.That(() => new GraphAttention(5, 2, dropout: 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new GraphConvolution(0, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    /// <summary>Distinct edges, and a node without any.</summary>
    private static Edges Graph()
    {
        long[] all = [.. Enumerable.Range(0, Nodes - 1)];
        return new(Tensor.From([.. all, .. all, 0L], [2 * Nodes - 1]), Tensor.From([.. all.Select(i => (i + 1) % 11), .. all.Select(i => (3 * i + 4) % 11 == i || (3 * i + 4) % 11 == (i + 1) % 11 ? (i + 5) % 11 : (3 * i + 4) % 11), 6L], [2 * Nodes - 1]), Nodes);
    }

    private static Tensor Adjacency(Edges edges)
        => Tensor.Zeros([Nodes * Nodes], DType.Float64).IndexAdd(0, edges.Targets.Ids * Nodes + edges.Sources.Ids, Tensor.Ones([edges.Count], DType.Float64)).Reshape(Nodes, Nodes);

    private static Tensor Identity() => Tensor.Arange(Nodes).OneHot(Nodes, DType.Float64);

    private static Tensor Random(Shape shape, ulong seed) => Tensor.Normal(shape, new Generator(seed), dtype: DType.Float64);

    private static void Close(Tensor actual, Tensor expected)
    {
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape));
        Assert.That(HostValues.Of(actual), Is.EqualTo(HostValues.Of(expected)).Within(1e-12));
    }
}
