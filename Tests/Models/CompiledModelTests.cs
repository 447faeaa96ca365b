using Gradwright.Checking;
using Gradwright.Layers;
using Gradwright.Models;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>A compiled model gives a model's results up to rounding, and follows its parameters.</summary>
[InTensorScope]
public sealed class CompiledModelTests
{
    private static IEnumerable<TestCaseData> Each() =>
    [
        new TestCaseData((Func<Module<Tensor, Tensor>>)(() => new ResNet18(10, ResNetStem.Small)), Shape.Create(2, 3, 16, 16)).SetArgDisplayNames("ResNet18"),
        new TestCaseData((Func<Module<Tensor, Tensor>>)(() => new MobileNetV2(10)), Shape.Create(1, 3, 32, 32)).SetArgDisplayNames("MobileNetV2"),
        new TestCaseData((Func<Module<Tensor, Tensor>>)(() => new LeNet5()), Shape.Create(3, 1, 28, 28)).SetArgDisplayNames("LeNet5"),
        new TestCaseData((Func<Module<Tensor, Tensor>>)(() => new Sequential(new Conv1D(2, 4, 3, bias: false), new BatchNorm1D(4, affine: false), new Tanh())), Shape.Create(2, 2, 9))
            .SetArgDisplayNames("one dimension, neither bias nor scale"),
        new TestCaseData((Func<Module<Tensor, Tensor>>)(() => new Sequential(new Conv3D(2, 4, 3, groups: 2), new BatchNorm3D(4))), Shape.Create(2, 2, 5, 4, 6)).SetArgDisplayNames("three dimensions, groups"),
    ];

    /// <summary>A model whose norms have statistics and scales that matter.</summary>
    private static Module<Tensor, Tensor> Prepared(Func<Module<Tensor, Tensor>> make)
    {
        Module<Tensor, Tensor> model = make();
        ulong seed = 1;
        foreach ((string name, Tensor buffer) in model.NamedBuffers())
            if (buffer.DType.IsFloating) buffer.CopyFrom(name.EndsWith("running_var", StringComparison.Ordinal) ? Tensor.Uniform(buffer.Shape, new Generator(seed++), 0.5, 2) : Tensor.Normal(buffer.Shape, new Generator(seed++), 0, 0.3));
        model.Eval();
        return model;
    }

    [TestCaseSource(nameof(Each))]
    public void Results_agree_and_no_norm_is_left_behind_a_convolution(Func<Module<Tensor, Tensor>> make, Shape shape)
    {
        using Module<Tensor, Tensor> model = Prepared(make);
        using CapturedStep compiled = model.Compile();
        for (int i = 0; i < 4; i++)
        {
            Tensor x = Tensor.Normal(shape, new Generator((ulong)i));
            Values.AssertClose(HostValues.Of(compiled.Run(x)), HostValues.Of(model.Forward(x)), 2e-5, $"run {i}");
        }

        Assert.That(compiled.Graph!.Nodes.Select(node => node.Op.Name), Has.None.EqualTo("BatchNormInference"));
        Assert.That((compiled.Recordings, compiled.Repetitions), Is.EqualTo((1, 2L)));
    }

    [Test]
    public void Changed_weights_and_statistics_are_folded_anew()
    {
        using Module<Tensor, Tensor> model = Prepared(() => new Sequential(new Conv2D(1, 3, 3), new BatchNorm2D(3), new ReLU()));
        using CapturedStep compiled = model.Compile();
        Tensor x = Tensor.Normal([1, 1, 6, 6], new Generator(1));
        for (int i = 0; i < 3; i++) compiled.Run(x);
        foreach (Tensor changed in new[] { model.Parameters()[0], model.NamedBuffers()[0].Buffer })
        {
            changed.AddInPlace(0.5);
            for (int i = 0; i < 3; i++) Values.AssertClose(HostValues.Of(compiled.Run(x)), HostValues.Of(model.Forward(x)), 1e-5, "after the change");
        }

        Assert.That(compiled.Recordings, Is.EqualTo(3));
    }

    [Test]
    public void A_result_that_is_read_twice_is_not_folded()
    {
        using Conv2D convolution = new(1, 3, 3);
        using BatchNorm2D norm = (BatchNorm2D)Prepared(() => new BatchNorm2D(3));
        using CapturedStep compiled = Capture.Compile(x =>
        {
            Tensor y = convolution.Forward(x);
            return norm.Forward(y) + y;
        });
        Tensor x = Tensor.Normal([1, 1, 6, 6], new Generator(1));
        for (int i = 0; i < 3; i++) Values.AssertClose(HostValues.Of(compiled.Run(x)), HostValues.Of(norm.Forward(convolution.Forward(x)) + convolution.Forward(x)), 1e-6, "sum");
        Assert.That(compiled.Graph!.Nodes.Select(node => node.Op.Name), Has.Some.EqualTo("BatchNormInference"));
    }

    [Test]
    public void A_model_in_training_is_refused()
    {
        using Linear model = new(2, 2);
        Assert.That(() => model.Compile(), Throws.InvalidOperationException.With.Message.Contain("Eval()"));
    }
}
