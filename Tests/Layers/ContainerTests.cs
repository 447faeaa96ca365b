using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

[InTensorScope]
public sealed class ContainerTests
{
    private static readonly Lambda _double = new(x => x * 2), _square = new(x => x.Square());

    private static Tensor X => Tensor.From([1f, 2, 3, 4], [2, 2]);

    [Test]
    public void A_residual_adds_its_input_or_a_projection_of_it()
    {
        Assert.That(new Residual(_square).Forward(X).ToArray<float>(), Is.EqualTo([2f, 6, 12, 20]));
        Assert.That(new Residual(_square, _double).Forward(X).ToArray<float>(), Is.EqualTo([3f, 8, 15, 24]));
        using Residual projected = new(new Linear(2, 2), new Linear(2, 2));
        Assert.That(projected.StateDictionary().Keys, Is.EqualTo(["body.weight", "body.bias", "projection.weight", "projection.bias"]));
    }

    [Test]
    public void A_residual_does_not_broadcast()
        => Assert.That(() => new Residual(new Lambda(x => x.Sum(1, keepDimensions: true))).Forward(X), Throws.TypeOf<ShapeException>().With.Message.Contains("Give a projection"));

    [Test]
    public void Branches_are_concatenated_added_or_averaged()
    {
        Assert.That(new Branches(_double, _square).Forward(X).ToArray<float>(), Is.EqualTo([2f, 4, 1, 4, 6, 8, 9, 16]));
        Assert.That(new Branches(BranchJoin.Concatenate, 0, _double, _square).Forward(X).ToArray<float>(), Is.EqualTo([2f, 4, 6, 8, 1, 4, 9, 16]));
        Assert.That(new Branches(BranchJoin.Sum, 1, _double, _square).Forward(X).ToArray<float>(), Is.EqualTo([3f, 8, 15, 24]));
        Assert.That(new Branches(BranchJoin.Average, 1, _double, _square).Forward(X).ToArray<float>(), Is.EqualTo([1.5f, 4, 7.5f, 12]));
        using Branches two = new(new Linear(2, 2, bias: false), new Linear(2, 3, bias: false));
        Assert.That(two.StateDictionary().Keys, Is.EqualTo(["0.weight", "1.weight"]));
    }

    [Test]
    public void Branches_that_do_not_fit_are_named()
    {
        using Branches unequal = new(BranchJoin.Sum, 1, _double, new Linear(2, 3));
        Assert.That(() => unequal.Forward(X), Throws.TypeOf<ShapeException>().With.Message.Contains("branch 1"));
        Assert.That(() => new Branches(), Throws.ArgumentException.With.Message.Contains("no branch"));
        Assert.That(() => new Branches(_double, null!), Throws.ArgumentNullException.With.Message.Contains("branch 1"));
    }

    [Test]
    public void Dense_concatenation_puts_the_result_behind_the_input()
    {
        Assert.That(new DenseConcat(_square).Forward(X).ToArray<float>(), Is.EqualTo([1f, 2, 1, 4, 3, 4, 9, 16]));
        using Sequential block = new(new DenseConcat(new Linear(2, 3)), new DenseConcat(new Linear(5, 3)));
        Assert.That(block.Forward(X).Shape, Is.EqualTo((Shape)(long[])[2, 8]), "each layer adds its growth");
    }

    [Test]
    public void Identity_and_lambda_are_layers()
    {
        Tensor x = X;
        Assert.That(new Identity().Forward(x), Is.SameAs(x));
        Assert.That($"{new Lambda(t => t.Transpose(), "swap")}", Is.EqualTo("Lambda(swap)"));
        Assert.That(() => new Lambda(null!), Throws.ArgumentNullException);
        Assert.That(() => new Residual(null!), Throws.ArgumentNullException);
        Assert.That(() => new DenseConcat(null!), Throws.ArgumentNullException);
    }
}
