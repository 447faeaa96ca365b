using NUnit.Framework;

namespace Gradwright.Tests.Kernels;

[InTensorScope]
public sealed class ScatterReduceTests
{
    [TestCase(ScatterReduction.Sum, true, new[] { 5.0, 22, 30, 40 })]
    [TestCase(ScatterReduction.Sum, false, new[] { 4.0, 2, 30, 40 })]
    [TestCase(ScatterReduction.Mean, true, new[] { 5 / 3.0, 11, 30, 40 })]
    [TestCase(ScatterReduction.Mean, false, new[] { 2.0, 2, 30, 40 })]
    [TestCase(ScatterReduction.Product, true, new[] { 3.0, 40, 30, 40 })]
    [TestCase(ScatterReduction.Product, false, new[] { 3.0, 2, 30, 40 })]
    [TestCase(ScatterReduction.Max, true, new[] { 3.0, 20, 30, 40 })]
    [TestCase(ScatterReduction.Max, false, new[] { 3.0, 2, 30, 40 })]
    [TestCase(ScatterReduction.Min, true, new[] { 1.0, 2, 30, 40 })]
    [TestCase(ScatterReduction.Min, false, new[] { 1.0, 2, 30, 40 })]
    public void Numbers_meet_in_their_place(ScatterReduction reduction, bool includesSelf, double[] expected)
    {
        Tensor x = Tensor.From(1.0, 20, 30, 40), source = Tensor.From(3.0, 2, 1), index = Tensor.From(0L, 1, 0);
        Assert.That(x.ScatterReduce(0, index, source, reduction, includesSelf).ToArray<double>(), Is.EqualTo(expected).Within(1e-15));
    }

    [Test]
    public void Slices_meet_where_a_vector_says()
    {
        Tensor x = Tensor.Zeros([2, 3], DType.Float64), source = Tensor.From(new[] { 1.0, 5, 2, 4, 3, 6 }, [3, 2]).Transpose();
        Assert.That(x.IndexReduce(1, Tensor.From(2L, 0, 2), source, ScatterReduction.Max).ToArray<double>(), Is.EqualTo(new double[] { 2, 0, 3, 4, 0, 6 }));
    }

    [Test]
    public void NaN_wins_and_equal_extremes_share_the_gradient()
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.From(2.0, 0)), source = tape.Watch(Tensor.From(2.0, 1, 2)), index = Tensor.From(0L, 0, 0);
        Tensor[] gradients = tape.Gradients(x.ScatterReduce(0, index, source, ScatterReduction.Max).Sum(), [x, source]);
        Assert.That(gradients[0].ToArray<double>(), Is.EqualTo(new[] { 1 / 3.0, 1 }).Within(1e-15));
        Assert.That(gradients[1].ToArray<double>(), Is.EqualTo(new[] { 1 / 3.0, 0, 1 / 3.0 }).Within(1e-15));
        Assert.That(x.ScatterReduce(0, index, Tensor.From(1, double.NaN, 3), ScatterReduction.Min).ToArray<double>(), Is.EqualTo(new[] { double.NaN, 0 }));
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        Tensor x = Tensor.Zeros([2, 3]), index = Tensor.From(new[] { 0L, 1, 2, 3 }, [2, 2]);
        Assert.That(() => x.ScatterReduce(1, index, Tensor.Zeros([2, 2]), ScatterReduction.Sum), Throws.TypeOf<ShapeException>().With.Message.Contains("index 3 at position [1, 1]"));
        Assert.That(() => x.ScatterReduce(1, index, Tensor.Zeros([2, 1]), ScatterReduction.Sum), Throws.TypeOf<ShapeException>().With.Message.Contains("same shape"));
        Assert.That(() => x.ScatterReduce(0, index, Tensor.Zeros([2, 2]), ScatterReduction.Sum), Throws.TypeOf<ShapeException>().With.Message.Contains("except along dimension 0"));
        Assert.That(() => x.ScatterReduce(1, index, Tensor.Zeros([2, 2], DType.Float64), ScatterReduction.Sum), Throws.TypeOf<DTypeException>());
        Assert.That(() => x.IndexReduce(1, Tensor.From(0L), Tensor.Zeros([2, 2]), ScatterReduction.Sum), Throws.TypeOf<ShapeException>().With.Message.Contains("one index per slice"));
    }

    [Test]
    public void Products_up_to_each_element()
    {
        Tensor x = Tensor.From(new[] { 1.0, 2, 3, 4, 0, 6 }, [2, 3]);
        Assert.That(x.CumulativeProduct(1).ToArray<double>(), Is.EqualTo(new double[] { 1, 2, 6, 4, 0, 0 }));
        Assert.That(x.CumulativeProduct(0, reversed: true).ToArray<double>(), Is.EqualTo(new double[] { 4, 0, 18, 4, 0, 6 }));
        Assert.That(Tensor.From(2, 3, 4).CumulativeProduct(0).ToArray<long>(), Is.EqualTo(new long[] { 2, 6, 24 }), "integers as Int64");
        Assert.That(() => x.CumulativeProduct(2), Throws.TypeOf<ShapeException>());
    }
}
