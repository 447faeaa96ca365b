using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

[InTensorScope]
public sealed class EmbeddingTests
{
    private static Tensor Indices(params long[] values) => Tensor.From(values, [values.Length]);

    [Test]
    public void Rows_are_looked_up_for_indices_of_any_shape()
    {
        using Embedding layer = new(5, 3);
        Tensor index = Tensor.From([4L, 0, 4, 2], [2, 2]), y = layer.Forward(index);
        float[] w = layer.Weight.Detach().ToArray<float>();
        Assert.That(y.Shape, Is.EqualTo((Shape)(long[])[2, 2, 3]));
        Assert.That(y.ToArray<float>(), Is.EqualTo([.. w[12..15], .. w[0..3], .. w[12..15], .. w[6..9]]));
        Assert.That(layer.Forward(Tensor.From([3L], [])).Shape, Is.EqualTo((Shape)(long[])[3]), "a single index");
        Assert.That(layer.Forward(Tensor.Zeros([0, 2], DType.Int64)).Shape, Is.EqualTo((Shape)(long[])[0, 2, 3]), "no index");
    }

    [Test]
    public void The_padding_row_stays_zero_and_gets_no_gradient()
    {
        using Embedding layer = new(4, 3, paddingIndex: 1);
        using Tape tape = new();
        Tensor y = layer.Forward(Indices(0, 1, 2, 1, 0));
        tape.Backward((y * 2).Sum());
        float[] w = layer.Weight.Detach().ToArray<float>(), g = layer.Weight.Grad!.ToArray<float>();
        Assert.That(w[3..6], Is.All.EqualTo(0));
        Assert.That(w[0..3], Is.All.Not.EqualTo(0));
        Assert.That(g, Is.EqualTo([4f, 4, 4, 0, 0, 0, 2, 2, 2, 0, 0, 0]));
        layer.Weight.FillInPlace(1);
        Assert.That(layer.Forward(Indices(1, 0)).ToArray<float>(), Is.EqualTo([0f, 0, 0, 1, 1, 1]), "zeros whatever is loaded");
    }

    [Test]
    public void No_vector_is_longer_than_the_largest_norm()
    {
        using Embedding layer = new(3, 4, maxNorm: 2);
        layer.Weight.CopyFrom(Tensor.From([3f, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], [3, 4]));
        using Tape tape = new();
        Tensor y = layer.Forward(Indices(0, 1, 2));
        Assert.That(y.Detach().ToArray<float>(), Is.EqualTo([1.2f, 1.6f, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]).Within(1e-6));
        Assert.That(tape.Gradients(y.Sum(), [layer.Weight])[0].ToArray<float>(), Is.All.Matches<float>(float.IsFinite), "also at a vector of zeros");
    }

    [Test]
    public void Wrong_indices_are_explained()
    {
        using Embedding layer = new(4, 3);
        Assert.That(() => layer.Forward(Tensor.Ones([2])), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast(DType.Int64)").And.Message.Contains("Embedding(4 → 3)"));
        Assert.That(() => layer.Forward(Indices(0, 4)), Throws.TypeOf<ShapeException>().With.Message.Contains("index 4 at position [1]").And.Message.Contains("0 to 3"));
        Assert.That(() => layer.Forward(Indices(-5)), Throws.TypeOf<ShapeException>().With.Message.Contains("index -5"));
        Assert.That(() => new Embedding(4, 3, paddingIndex: 4), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 3"));
        Assert.That(() => new Embedding(0, 3), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("count"));
        Assert.That(() => new Embedding(4, 3, maxNorm: 0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("maxNorm"));
    }
}
