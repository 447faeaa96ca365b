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
        new TestCaseData((Func<Module<Tensor, Tensor>>)(() => new ResNet18(10)), Shape.Create(1, 3, 96, 64)).SetArgDisplayNames("ResNet18, large stem"),
        new TestCaseData((Func<Module<Tensor, Tensor>>)(() => new Sequential(new Linear(12, 40), new GELU(), new Linear(40, 40), new Tanh(), new Linear(40, 3))), Shape.Create(20, 12)).SetArgDisplayNames("perceptron"),
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
    public void Convolutions_take_along_norms_sums_and_activations()
    {
        foreach (Module<Tensor, Tensor> model in new[] { Prepared(() => new ResNet18(10)), Prepared(() => new MobileNetV2(10)) })
        {
            Assert.That(Ops(model, Tensor.Normal([1, 3, 64, 64], new Generator(1))).Distinct(), Is.SubsetOf(new[] { "FusedConvolution", "MaxPool2D", "Mean", "MatMul", "FusedMatMul" }));
            model.Dispose();
        }
    }

    [Test]
    public void Linear_layers_take_along_sums_and_activations()
    {
        using Sequential model = new(new Linear(8, 30), new GELU(), new Linear(30, 8));
        using CapturedStep compiled = Capture.Compile(x => (model.Forward(x) + x).Sigmoid());
        Tensor x = Tensor.Normal([20, 8], new Generator(1));
        for (int i = 0; i < 3; i++) Values.AssertClose(HostValues.Of(compiled.Run(x)), HostValues.Of((model.Forward(x) + x).Sigmoid()), 2e-6, "perceptron");
        Assert.That(compiled.Graph!.Nodes.Where(node => !node.IsView).Select(node => node.Op.ToString()!.Split("Prepared")[0]), Has.Exactly(2).StartsWith("FusedMatMul").And.Exactly(2).Items);
    }

    [Test]
    public void A_transformer_computes_what_it_did()
    {
        using TransformerEncoderLayer model = new(16, 2, hidden: 32, activation: TransformerActivation.GELU);
        model.Eval();
        using CapturedStep compiled = Capture.Compile(x => model.Forward(x));
        using Tape.Pause pause = Tape.NoRecord();
        Tensor x = Tensor.Normal([2, 9, 16], new Generator(1));
        for (int i = 0; i < 3; i++) Values.AssertClose(HostValues.Of(compiled.Run(x)), HostValues.Of(model.Forward(x)), 3e-6, $"run {i}");
        Assert.That(compiled.Graph!.Nodes.Select(node => node.Op.Name), Has.None.AnyOf("GELU", "Add", "MatMul"));
    }

    [Test]
    public void A_sum_into_its_own_operand_is_not_taken_along()
    {
        using Conv2D convolution = new(3, 3, 3, padding: 1);
        Func<Tensor, Tensor> forward = x =>
        {
            Tensor y = x * 2;
            y.AddInPlace(convolution.Forward(x).Relu());
            Tensor z = convolution.Forward(y);
            y.AddInPlace(z);
            return (z + y).Relu();
        };
        using CapturedStep compiled = Capture.Compile(forward);
        using Tape.Pause pause = Tape.NoRecord();
        Tensor x = Tensor.Normal([1, 3, 6, 6], new Generator(1));
        for (int i = 0; i < 4; i++) Values.AssertClose(HostValues.Of(compiled.Run(x)), HostValues.Of(forward(x)), 1e-5, $"run {i}");
    }

    [Test]
    public void Several_threads_run_models_of_their_own_at_once()
    {
        using Module<Tensor, Tensor> model = Prepared(() => new ResNet18(10, ResNetStem.Small));
        Tensor x = Tensor.Normal([1, 3, 16, 16], new Generator(3));
        double[] expected = HostValues.Of(model.Forward(x));
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            using TensorScope scope = new();
            using CapturedStep compiled = model.Compile();
            for (int i = 0; i < 4; i++) Values.AssertClose(HostValues.Of(compiled.Run(x)), expected, 2e-5, $"run {i}");
        });
    }

    /// <summary>The ops of a compiled model.</summary>
    private static IEnumerable<string> Ops(Module<Tensor, Tensor> model, Tensor x)
    {
        using CapturedStep compiled = model.Compile();
        for (int i = 0; i < 2; i++) compiled.Run(x);
        return [.. compiled.Graph!.Nodes.Where(node => !node.IsView).Select(node => node.Op.Name)];
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
