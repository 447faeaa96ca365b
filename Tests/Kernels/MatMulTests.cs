using NUnit.Framework;

namespace Gradwright.Tests.Kernels;

[InTensorScope]
public sealed class MatMulTests
{
    [Test]
    public void Unequal_inner_dimensions_are_named_with_a_remedy()
    {
        Assert.That(() => Tensor.Ones([64, 784]).MatMul(Tensor.Ones([10, 784])),
            Throws.TypeOf<ShapeException>().With.Message.EqualTo("MatMul: a [64, 784] × b [10, 784] needs a's last dimension to equal b's second-last, but 784 ≠ 10. Transpose b?"));
    }

    [Test]
    public void Batches_that_do_not_broadcast_are_shown_whole()
    {
        Assert.That(() => Tensor.Ones([2, 3, 4]).MatMul(Tensor.Ones([5, 4, 6])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("a [2, 3, 4] × b [5, 4, 6]").And.Message.Contains("[2] and [5], do not broadcast"));
    }

    [Test]
    public void Activation_in_the_product_equals_the_activation_after_it()
    {
        Generator generator = new(1);
        Tensor a = Tensor.Normal([33, 17], generator), b = Tensor.Normal([17, 21], generator), bias = Tensor.Normal([21], generator);
        Assert.That(a.MatMul(b, bias, Activation.Relu).ToArray<float>(), Is.EqualTo(a.MatMul(b, bias).Relu().ToArray<float>()));
    }

    [Test]
    public void Vectors_are_rows_and_columns()
    {
        Tensor v = Tensor.From(1f, 2, 3), m = Tensor.From(new float[,] { { 1, 0 }, { 0, 1 }, { 1, 1 } });
        Assert.That(v.MatMul(m).ToArray<float>(), Is.EqualTo(new float[] { 4, 5 }));
        Assert.That(m.Transpose().MatMul(v).ToArray<float>(), Is.EqualTo(new float[] { 4, 5 }));
        Assert.That(v.MatMul(v).ToDouble(), Is.EqualTo(14));
    }

    [TestCase(0, 3, 2)]
    [TestCase(2, 0, 2)]
    [TestCase(2, 3, 0)]
    public void Empty_operands_give_empty_or_zero_products(long m, long k, long n)
    {
        Tensor y = Tensor.Ones([m, k]).MatMul(Tensor.Ones([k, n]));
        Assert.That(y.Shape, Is.EqualTo(Shape.Create(m, n)));
        Assert.That(y.ToArray<float>(), Is.All.EqualTo(k == 0 ? 0f : 3f));
    }
}
