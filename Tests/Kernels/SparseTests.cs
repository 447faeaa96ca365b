using Gradwright.Checking;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Sums over edges and segments against dense matrices and plain loops.</summary>
[InTensorScope]
public sealed class SparseTests
{
    [TestCase(7, 5, 20, 3)]
    [TestCase(400, 300, 3000, 17)]
    [TestCase(3, 1, 0, 2)]
    public void A_sparse_product_equals_the_dense_one(int sources, int targets, int count, int features)
    {
        using Edges edges = new(Tensor.RandomIntegers([count], new Generator(1), 0, sources), Tensor.RandomIntegers([count], new Generator(2), 0, targets), sources, targets);
        Tensor x = Random([sources, features], 3), weights = Random([count], 4);
        Tensor dense = Dense(edges, weights), ones = Dense(edges, Tensor.Ones([count], DType.Float64));
        Close(x.SparseMatMul(edges, weights), dense.MatMul(x));
        Close(x.SparseMatMul(edges), ones.MatMul(x));
        using Tape tape = new();
        tape.Watch(x);
        tape.Watch(weights);
        Tensor g = Random([targets, features], 5);
        Tensor[] gradients = tape.Gradients((x.SparseMatMul(edges, weights) * g).Sum(), [x, weights]);
        Close(gradients[0], dense.Transpose().MatMul(g));
        Close(gradients[1], g.EdgeDot(x, edges));
        Close(gradients[1], (g.IndexSelect(0, edges.Targets.Ids) * x.IndexSelect(0, edges.Sources.Ids)).Sum(1));
    }

    [Test]
    public void Heads_have_weights_of_their_own()
    {
        using Edges edges = Ring(9);
        Tensor x = Random([9, 2, 4], 1), weights = Random([18, 2], 2), y = x.SparseMatMul(edges, weights);
        for (int h = 0; h < 2; h++) Close(y[.., h], x[.., h].SparseMatMul(edges, weights[.., h]));
    }

    [Test]
    public void Segments_need_not_be_sorted_and_may_be_empty([Values(1, 40)] int columns)
    {
        long[] ids = [3, 0, 3, 5, 0, 3, 1];
        using Segments segments = new(Tensor.From(ids), 7);
        Tensor x = Random([7, columns], 1);
        double[] values = HostValues.Of(x);
        double[] Fold(Func<double[], double> f) => [.. Enumerable.Range(0, 7 * columns).Select(i => f([.. Enumerable.Range(0, 7).Where(e => ids[e] == i / columns).Select(e => values[e * columns + i % columns])]))];
        Assert.That(HostValues.Of(x.SegmentSum(segments)), Is.EqualTo(Fold(v => v.Sum())).Within(1e-14));
        Assert.That(HostValues.Of(x.SegmentMean(segments)), Is.EqualTo(Fold(v => v.DefaultIfEmpty(0).Average())).Within(1e-14));
        Assert.That(HostValues.Of(x.SegmentMax(segments)), Is.EqualTo(Fold(v => v.DefaultIfEmpty(0).Max())));
        Assert.That(HostValues.Of(x.SegmentSum(segments).SegmentSpread(segments)), Is.EqualTo(HostValues.Of(x.SegmentSum(segments).IndexSelect(0, segments.Ids))));
        Assert.That(segments.Lengths().ToArray<float>(), Is.EqualTo(new[] { 2f, 1, 0, 3, 0, 1, 0 }));
    }

    [Test]
    public void A_segment_softmax_sums_to_one_over_every_segment_that_is_not_empty()
    {
        using Segments segments = new(Tensor.From(3L, 0, 3, 5, 0, 3, 1), 6);
        Tensor y = (Random([7, 3], 1) * 100 + 1e4).SegmentSoftmax(segments);
        Assert.That(HostValues.Of(y), Is.All.Positive.Or.Zero);
        Assert.That(y.SegmentSum(segments)[.., 0].ToArray<double>(), Is.EqualTo(new double[] { 1, 1, 0, 1, 0, 1 }).Within(1e-14));
        Tensor whole = Random([40, 3], 2);
        using Segments one = new(Tensor.Zeros([40], DType.Int64), 1);
        Close(whole.SegmentSoftmax(one), whole.Softmax(0));
    }

    [Test]
    public void A_NaN_is_the_largest_and_spoils_only_its_segment()
    {
        using Segments segments = new(Tensor.From(0L, 1, 0, 1), 2);
        Tensor x = Tensor.From(1f, 2, float.NaN, 4);
        Assert.That(x.SegmentMax(segments).ToArray<float>(), Is.EqualTo(new[] { float.NaN, 4 }));
        Assert.That(x.SegmentSoftmax(segments).ToArray<float>(), Is.EqualTo(new[] { float.NaN, 0.1192029f, float.NaN, 0.8807971f }).Within(1e-6));
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        using Edges edges = Ring(4);
        Assert.That(() => new Segments(Tensor.From(0L, 4), 4), Throws.TypeOf<ShapeException>().With.Message.Contains("index 4"));
        Assert.That(() => new Segments(Tensor.From(0L, -1), 4), Throws.TypeOf<ShapeException>().With.Message.Contains("-1"));
        Assert.That(() => new Segments(Tensor.Zeros([3]), 4), Throws.TypeOf<DTypeException>().With.Message.Contains("Int64"));
        Assert.That(() => new Segments(Tensor.Zeros([3, 1], DType.Int64), 4), Throws.TypeOf<ShapeException>().With.Message.Contains("[positions]"));
        Assert.That(() => new Edges(Tensor.From(0L, 1), Tensor.From(0L), 4), Throws.TypeOf<ShapeException>().With.Message.Contains("equally many"));
        Assert.That(() => Tensor.Zeros([5, 2]).SparseMatMul(edges), Throws.TypeOf<ShapeException>().With.Message.Contains("one row per node"));
        Assert.That(() => Tensor.Zeros([4, 2]).SparseMatMul(edges, Tensor.Zeros([7])), Throws.TypeOf<ShapeException>().With.Message.Contains("one per edge"));
        Assert.That(() => Tensor.Zeros([4, 2]).SparseMatMul(edges, Tensor.Zeros([8], DType.Float64)), Throws.TypeOf<DTypeException>().With.Message.Contains("weights"));
        Assert.That(() => Tensor.Zeros([7, 2]).SegmentSum(edges.Targets), Throws.TypeOf<ShapeException>().With.Message.Contains("8 positions"));
        Assert.That(() => Tensor.Zeros([5, 2]).SegmentSpread(edges.Targets), Throws.TypeOf<ShapeException>().With.Message.Contains("4 segments"));
        using Edges bipartite = new(Tensor.From(0L), Tensor.From(1L), 1, 2);
        Assert.That(bipartite.WithSelfLoops, Throws.InvalidOperationException);
    }

    [Test]
    public void Edges_own_their_lists()
    {
        MemoryPool pool = Accelerator.Default.Pool;
        using Tensor sources = Tensor.From(0L, 1), targets = Tensor.From(1L, 0);
        long before = pool.Statistics.LiveBlocks;
        Edges edges;
        using (new TensorScope()) (edges = new(sources, targets, 2)).WithSelfLoops();
        Assert.That(edges.WithSelfLoops().Targets.Ids.ToArray<long>(), Is.EqualTo(new long[] { 1, 0, 0, 1 }));
        edges.Dispose();
        Assert.That(pool.Statistics.LiveBlocks, Is.EqualTo(before));
    }

    /// <summary>Edges from every node to both of its neighbours.</summary>
    private static Edges Ring(int nodes)
    {
        long[] all = [.. Enumerable.Range(0, nodes)];
        return new(Tensor.From([.. all, .. all], [2 * nodes]), Tensor.From([.. all.Select(i => (i + 1) % nodes), .. all.Select(i => (i + nodes - 1) % nodes)], [2 * nodes]), nodes);
    }

    private static Tensor Dense(Edges edges, Tensor weights)
    {
        Tensor flat = Tensor.Zeros([edges.Targets.Count * edges.Sources.Count], DType.Float64);
        return flat.IndexAdd(0, edges.Targets.Ids * edges.Sources.Count + edges.Sources.Ids, weights).Reshape(edges.Targets.Count, edges.Sources.Count);
    }

    private static Tensor Random(Shape shape, ulong seed) => Tensor.Normal(shape, new Generator(seed), dtype: DType.Float64);

    private static void Close(Tensor actual, Tensor expected)
    {
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape));
        Assert.That(HostValues.Of(actual), Is.EqualTo(HostValues.Of(expected)).Within(1e-12));
    }
}
