using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Interchange.Onnx;

/// <summary>Files compute what the model computes, keep its names, and take a batch of any length.</summary>
[InTensorScope]
public sealed class OnnxFileTests
{
    private static void AssertSame(OnnxModel file, Tensor[] x, Tensor[] expected, double tolerance = 1e-5)
    {
        OnnxInterpreter.Value[] actual = OnnxInterpreter.Run(file, [.. x.Select(OnnxInterpreter.Value.Of)]);
        for (int j = 0; j < expected.Length; j++)
        {
            Assert.That(actual[j].Dims, Is.EqualTo(expected[j].Shape.ToArray()), $"result {j}");
            Values.AssertClose(actual[j].Data, expected[j].Cast(DType.Float64).ToArray<double>(), tolerance, $"result {j}");
        }
    }

    private static Tensor Picture(int images) => Tensor.Normal([images, 1, 28, 28], new Generator(3));

    [Test]
    public void A_convolutional_network_computes_the_same()
    {
        using LeNet5 model = new();
        model.Eval();
        Tensor x = Picture(2);
        OnnxModel file = OnnxModel.Of(t => [model.Forward(t[0])], x);
        AssertSame(file, [x], [model.Forward(x)]);
        Assert.That(file.Nodes.Select(node => node.Type).Distinct(), Is.EquivalentTo(new[] { "Conv", "Relu", "MaxPool", "Reshape", "Gemm" }));
    }

    [Test]
    public void An_LSTM_has_its_gates_in_the_order_of_the_format()
    {
        using LSTM model = new(3, 4);
        model.Eval();
        Tensor x = Tensor.Normal([5, 2, 3], new Generator(4)), h = Tensor.Normal([1, 2, 4], new Generator(5)), c = Tensor.Normal([1, 2, 4], new Generator(6));
        Tensor[] Run(Tensor[] t)
        {
            (Tensor y, LstmState state) = model.Forward(t[0], new(t[1], t[2]));
            return [y, state.Hidden, state.Cell];
        }

        OnnxModel file = OnnxModel.Of(Run, x, h, c);
        AssertSame(file, [x, h, c], Run([x, h, c]));
        Assert.That(file.Initializers.Keys, Is.SupersetOf(model.StateDictionary().Keys));
        Assert.That(file.Nodes.Count(node => node.Type is "MatMul" or "Gemm"), Is.Zero, "the node makes the products of the input itself");
    }

    [Test]
    public void Parameters_and_running_statistics_keep_their_names_and_bits()
    {
        using ResNet18 model = new(10);
        model.Eval();
        Tensor x = Tensor.Normal([1, 3, 32, 32], new Generator(4));
        using TemporaryFolder folder = new();
        OnnxFile.Export(folder["resnet.onnx"], t => [model.Forward(t[0])], [x], new() { State = model.StateDictionary(), InputNames = ["pixels"], OutputNames = ["scores"] });
        OnnxModel file = OnnxModel.Read(File.ReadAllBytes(folder["resnet.onnx"]));
        foreach ((string name, Tensor tensor) in model.StateDictionary())
        {
            if (tensor.DType != DType.Float32) continue;        // counts of batches take no part
            Assert.That(file.Initializers[name].Dims, Is.EqualTo(tensor.Shape.ToArray()), name);
            Assert.That(file.Initializers[name].Values(), Is.EqualTo(tensor.Cast(DType.Float64).ToArray<double>()), name);
        }

        Assert.That((file.Inputs.Single().Name, file.Outputs.Single().Name), Is.EqualTo(("pixels", "scores")));
    }

    [Test]
    public void A_model_in_training_mode_is_exported_as_in_evaluation_and_keeps_its_modes()
    {
        using Sequential model = new(new Conv2D(1, 2, 3), new BatchNorm2D(2), new ReLU(), new Dropout(0.5), new Flatten(), new Linear(2 * 4 * 4, 3));
        model.Initialize(new Generator(1));
        model.Children[1].Module.Eval();
        Tensor x = Tensor.Normal([2, 1, 6, 6], new Generator(2));
        bool[] before = [.. model.Children.Select(child => child.Module.IsTraining)];
        using TemporaryFolder folder = new();
        model.ExportOnnx(folder["model.onnx"], x);
        Assert.That((model.IsTraining, model.Children.Select(child => child.Module.IsTraining)), Is.EqualTo((true, before)));
        OnnxModel file = OnnxModel.Read(File.ReadAllBytes(folder["model.onnx"]));
        Assert.That(file.Initializers.Keys, Does.Contain("1.running_mean"));
        model.Eval();
        AssertSame(file, [x], [model.Forward(x)]);
    }

    [Test]
    public void A_dynamic_batch_takes_any_length()
    {
        using LeNet5 model = new();
        model.Eval();
        using TemporaryFolder folder = new();
        OnnxFile.Export(folder["lenet.onnx"], t => [model.Forward(t[0])], [Picture(2)], new() { DynamicBatch = true });
        OnnxModel file = OnnxModel.Read(File.ReadAllBytes(folder["lenet.onnx"]));
        Assert.That(file.Inputs.Single().Shape, Is.EqualTo(new[] { "batch", "1", "28", "28" }));
        Assert.That(file.Outputs.Single().Shape, Is.EqualTo(new[] { "batch", "10" }));
        foreach (int images in (int[])[1, 3])
        {
            Tensor x = Picture(images);
            AssertSame(file, [x], [model.Forward(x)]);
        }
    }

    [Test]
    public void A_recurrent_layer_makes_its_first_state_for_any_batch()
    {
        using LSTM model = new(3, 4, batchFirst: true);
        model.Eval();
        using TemporaryFolder folder = new();
        OnnxFile.Export(folder["lstm.onnx"], t => [model.Forward(t[0]).Output], [Tensor.Normal([2, 5, 3], new Generator(1))], new() { DynamicBatch = true });
        Tensor x = Tensor.Normal([7, 5, 3], new Generator(2));
        AssertSame(OnnxModel.Read(File.ReadAllBytes(folder["lstm.onnx"])), [x], [model.Forward(x).Output]);
    }

    [Test]
    public void Views_of_views_and_whole_tensors_changed_in_place_are_followed()
    {
        Tensor x = Tensor.Normal([4, 6], new Generator(1));
        Tensor[] Run(Tensor[] t)
        {
            Tensor view = t[0].Permute(1, 0).Slice(0, 5, 3, -2), y = view + 1;
            y.MultiplyInPlace(3);
            y.AddInPlace(view);
            return [y.Unsqueeze(0), y];
        }

        AssertSame(OnnxModel.Of(Run, x), [x], Run([x]));
    }

    [Test]
    public void Inputs_parameters_and_repeated_results_may_be_results()
    {
        using Tensor w = Tensor.Parameter<float>([2f, 3], [2]);
        w.Name = "input0";
        Tensor x = Tensor.From(5f, 7);
        Tensor[] Run(Tensor[] t)
        {
            Tensor y = t[0] * w;
            return [y, t[0], w, y];
        }

        OnnxModel file = OnnxModel.Of(Run, x);
        AssertSame(file, [x], Run([x]));
        Assert.That(file.Outputs.Select(output => output.Name), Is.EqualTo(new[] { "output0", "output1", "output2", "output3" }));
        Assert.That(file.Initializers.Keys, Is.EquivalentTo(new[] { "input0.2" }), "the parameter's name was taken");
    }

    [Test]
    public void What_no_result_needs_is_left_out()
    {
        OnnxModel file = OnnxModel.Of(t =>
        {
            _ = (t[0] * 2).Exp().Sum();
            return [t[0] + 1];
        }, Tensor.From(1f, 2));
        Assert.That(file.Nodes.Select(node => node.Type), Is.EqualTo(new[] { "Add" }));
        Assert.That(file.Initializers, Has.Count.EqualTo(1));
    }

    [Test]
    public void The_same_graph_gives_the_same_bytes()
    {
        using LeNet5 model = new();
        model.Eval();
        model.Forward(Picture(1));
        using CapturedGraph graph = CapturedGraph.Of(t => [model.Forward(t[0])], Picture(1));
        using MemoryStream one = new(), two = new();
        OnnxFile.Save(one, graph);
        OnnxFile.Save(two, graph);
        Assert.That(one.ToArray(), Is.EqualTo(two.ToArray()));
    }
}
