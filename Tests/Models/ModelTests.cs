using Gradwright.Layers;
using Gradwright.Models;
using NUnit.Framework;

namespace Gradwright.Tests;

[InTensorScope]
public class ModelTests
{
    /// <summary>Models with the shape of an input, classes, parameters and buffered numbers.</summary>
    private static readonly (string Name, Func<Module<Tensor, Tensor>> Make, Shape Input, int Classes, long Parameters)[] Models =
    [
        ("Mlp", () => new Mlp(784, 256, 128, 10), [2, 784], 10, (784 + 1) * 256 + (256 + 1) * 128 + (128 + 1) * 10),
        ("LeNet5", () => new LeNet5(), [2, 1, 28, 28], 10, 61_706),
        ("LeNet5 of 1998", () => new LeNet5(7, classic: true), [2, 1, 32, 32], 7, 61_706 - 3 * 85),
        ("VggSmall", () => new VggSmall(), [2, 3, 32, 32], 10, 1_145_408 + (4096 + 1) * 256 + (256 + 1) * 10),
        ("ResNet18", () => new ResNet18(), [2, 3, 64, 64], 1000, 11_689_512),
        ("ResNet18 for small images", () => new ResNet18(10, ResNetStem.Small), [2, 3, 16, 16], 10, 11_689_512 - 990 * 513 - 3 * 64 * (49 - 9)),
        ("MobileNetV2", () => new MobileNetV2(), [2, 3, 64, 64], 1000, 3_504_872),
    ];

    private static IEnumerable<TestCaseData> EachModel()
        => Models.Select(entry => new TestCaseData(entry.Make, entry.Input, entry.Classes, entry.Parameters).SetArgDisplayNames(entry.Name));

    [TestCaseSource(nameof(EachModel))]
    public void A_model_has_the_parameters_of_its_publication_scores_every_class_and_trains_all_of_it(
        Func<Module<Tensor, Tensor>> make, Shape input, int classes, long parameters)
    {
        Module<Tensor, Tensor> model = make();
        try
        {
            Assert.That(model.Parameters().Sum(parameter => parameter.Count), Is.EqualTo(parameters));
            using (Tape tape = new())
            {
                Tensor scores = model.Forward(Tensor.Normal(input, new Generator(3)));
                Assert.That(scores.Shape, Is.EqualTo(Shape.Create(input[0], classes)));
                tape.Backward(Loss.CrossEntropy(scores, Tensor.From<long>(1, 2)));
            }

            Assert.Multiple(() =>
            {
                foreach ((string name, Tensor parameter) in model.NamedParameters())
                    Assert.That(parameter.Grad is { } grad && grad.ToArray<float>() is { } g && g.Any(value => value != 0) && g.All(float.IsFinite), name);
            });
        }
        finally
        {
            Free(model);
        }
    }

    [TestCase(ResNetStem.Large, 8)]
    [TestCase(ResNetStem.Small, 1)]
    public void The_stem_decides_how_soon_a_residual_network_shrinks_its_image(ResNetStem stem, int factor)
    {
        ResNet18 model = new(10, stem);
        ModelSummary summary = model.Summary(Tensor.Normal([1, 3, 32, 32], new Generator(1)));
        string first = summary.Layers.Last(layer => layer.Path.StartsWith("layer1", StringComparison.Ordinal)).Output;
        Free(model);
        Assert.That(first, Is.EqualTo($"[1, 64, {32 / Math.Max(1, factor / 2)}, {32 / Math.Max(1, factor / 2)}]"));
    }

    [Test]
    public void ResNet18_has_torchvisions_state_names()
    {
        ResNet18 model = new(10);
        string[] names = [.. model.StateDictionary().Keys];
        Free(model);
        // torchvision also counts the batches; nothing reads that number as long as the momentum is fixed.
        List<string> expected = ["conv1.weight", .. Norm("bn1")];
        for (int stage = 1; stage <= 4; stage++)
        {
            for (int block = 0; block < 2; block++)
            {
                string path = $"layer{stage}.{block}";
                expected.AddRange([$"{path}.conv1.weight", .. Norm($"{path}.bn1"), $"{path}.conv2.weight", .. Norm($"{path}.bn2")]);
                if (stage > 1 && block == 0) expected.AddRange([$"{path}.downsample.0.weight", .. Norm($"{path}.downsample.1")]);
            }
        }

        expected.AddRange(["fc.weight", "fc.bias"]);
        Assert.That(names, Is.EqualTo(expected));
    }

    [Test]
    public void MobileNetV2_has_torchvisions_state_names()
    {
        MobileNetV2 model = new(10);
        string[] names = [.. model.StateDictionary().Keys];
        Free(model);
        List<string> expected = ["features.0.0.weight", .. Norm("features.0.1")];
        for (int block = 1; block <= 17; block++)
        {
            string path = $"features.{block}.conv";
            int convolutions = block == 1 ? 1 : 2;      // the first block does not expand
            for (int i = 0; i < convolutions; i++) expected.AddRange([$"{path}.{i}.0.weight", .. Norm($"{path}.{i}.1")]);
            expected.AddRange([$"{path}.{convolutions}.weight", .. Norm($"{path}.{convolutions + 1}")]);
        }

        expected.AddRange(["features.18.0.weight", .. Norm("features.18.1"), "classifier.1.weight", "classifier.1.bias"]);
        Assert.That(names, Is.EqualTo(expected));
    }

    [Test]
    public void A_multilayer_perceptron_names_its_layers_by_position()
    {
        Mlp model = new(3, 4, 2);
        string[] names = [.. model.StateDictionary().Keys];
        Free(model);
        Assert.That(names, Is.EqualTo((string[])["0.weight", "0.bias", "2.weight", "2.bias"]));
    }

    [Test]
    public void A_multilayer_perceptron_of_one_width_is_refused()
        => Assert.That(() => new Mlp(784), Throws.ArgumentException.With.Message.Contains("new Mlp(784, 10)"));

    [Test]
    public void A_residual_block_adds_its_input()
    {
        ResidualBlock block = new(4, 4);
        foreach ((string name, Tensor parameter) in block.NamedParameters())
            if (name.StartsWith("bn2", StringComparison.Ordinal)) parameter.FillInPlace(0);
        Tensor x = Tensor.Normal([2, 4, 5, 5], new Generator(1));
        float[] y = block.Forward(x).ToArray<float>();
        Free(block);
        Assert.That(y, Is.EqualTo(x.Relu().ToArray<float>()));
    }

    [Test]
    public void An_inverted_residual_adds_its_input_where_the_shape_stays()
    {
        InvertedResidual block = new(4, 4, expansion: 6);
        foreach ((string name, Tensor parameter) in block.NamedParameters())
            if (name is "conv.3.weight" or "conv.3.bias") parameter.FillInPlace(0);
        Tensor x = Tensor.Normal([2, 4, 5, 5], new Generator(1));
        float[] y = block.Forward(x).ToArray<float>();
        Free(block);
        Assert.That(y, Is.EqualTo(x.ToArray<float>()));
    }

    private static string[] Norm(string path) => [$"{path}.weight", $"{path}.bias", $"{path}.running_mean", $"{path}.running_var"];

    private static void Free(Module model)
    {
        foreach (Tensor tensor in model.StateDictionary().Values) tensor.Dispose();
    }
}
