using Gradwright.Checking;
using Gradwright.Kernels;
using Gradwright.Layers;
using Gradwright.Tests.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Interchange.Onnx;

/// <summary>What holds for the file of every layer, as a reader of the format would see it.</summary>
[InTensorScope]
public sealed class OnnxStructureTests
{
    private static readonly Type[] _unwritable = [typeof(GraphConvolution), typeof(GraphAttention), typeof(Gradwright.Layers.RoiPool)];

    /// <summary>The operators of the format that are used. All of them are in operator set 17.</summary>
    private static readonly HashSet<string> _operators =
    [
        "Abs", "Add", "And", "AveragePool", "BatchNormalization", "Cast", "Concat", "ConstantOfShape", "Conv", "ConvTranspose", "Cos", "Div", "Elu", "Equal", "Erf", "Exp", "Expand", "GRU",
        "Gather", "Gemm", "GridSample", "HardSigmoid", "HardSwish", "Identity", "InstanceNormalization", "LSTM", "LayerNormalization", "LeakyRelu", "LogSoftmax", "MatMul", "Max", "MaxPool", "Min",
        "Mod", "Mul", "PRelu", "Pad", "RNN", "Reciprocal", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceSum", "Relu", "Reshape", "Resize", "RoiAlign", "ScatterElements", "Sigmoid", "Sin", "Slice",
        "Softmax", "Softplus", "Split", "Sqrt", "Squeeze", "Sub", "Tanh", "Transpose", "Unsqueeze", "Where",
    ];

    private static IEnumerable<TestCaseData> Writable
        => LayerSamples.All.Where(s => !_unwritable.Contains(s.Layer)).Select((s, i) => new TestCaseData(s).SetArgDisplayNames($"{i}: {s}"));

    [TestCaseSource(nameof(Writable))]
    public void A_layer_becomes_a_graph_in_order_with_its_parameters(LayerSample sample)
    {
        using Module module = sample.Create(DType.Float32, CpuAccelerator.Instance);
        Tensor[] x = sample.MakeOperands(DType.Float32, CpuAccelerator.Instance), y = sample.Run(module, x);
        module.Eval();
        using CapturedGraph graph = CapturedGraph.Of(t => sample.Run(module, t), x);
        OnnxModel model = OnnxModel.Of(graph, new() { State = module.StateDictionary() });

        HashSet<string> known = [.. model.Inputs.Select(input => input.Name), .. model.Initializers.Keys];
        Assert.That(known, Has.Count.EqualTo(model.Inputs.Length + model.Initializers.Count), "a name is used twice");
        foreach (OnnxNode node in model.Nodes)
        {
            Assert.That(node.Inputs.Where(name => name.Length > 0 && !known.Contains(name)), Is.Empty, $"{node.Name} comes in front of its operands");
            Assert.That(node.Outputs.All(known.Add), $"{node.Name} gives a name again");
            Assert.That(_operators, Does.Contain(node.Type));
            Assert.That(node.Attributes.Values.All(a => a.Has(20) && a.Has((int)a.Number(20) switch { 1 => 2, 2 => 3, 3 => 4, 4 => 5, 7 => 8, 8 => 9, _ => 0 })), $"{node.Name}: an attribute without its field");
        }

        Assert.That(model.Nodes.Select(node => node.Name), Is.Unique);
        Assert.That(model.Outputs.All(output => known.Contains(output.Name)));
        Assert.That(model.Inputs.Select(input => input.Shape), Is.EqualTo(x.Select(t => t.Shape.Select(length => $"{length}"))));
        Assert.That(model.Outputs.Select(output => output.Shape), Is.EqualTo(y.Select(t => t.Shape.Select(length => $"{length}"))));
        foreach ((string name, OnnxTensor tensor) in model.Initializers) Assert.That(tensor.Data, Has.Length.EqualTo(tensor.Count * tensor.Size), name);
        foreach (GraphValue parameter in graph.Values.Where(value => value.Kind == GraphValueKind.Parameter))
            Assert.That(model.Initializers[parameter.Name].Values(), Is.EqualTo(parameter.Data!.Cast(DType.Float64).ToArray<double>()), parameter.Name);
        Assert.That((model.Format, model.OperatorSet), Is.EqualTo((8L, 17L)));
    }

    [Test]
    public void Every_rule_writes_a_sample_of_its_op()
    {
        List<string> missing = [];
        foreach (Type type in OnnxOps.Writable)
        {
            int written = 0;
            foreach (OpSample sample in OpSamples.All.Where(sample => sample.Op.GetType() == type))
            {
                try
                {
                    OnnxModel file = OnnxModel.Of(x => Results(sample.Op, x), sample.MakeOperands(DType.Float32));
                    if (file.Outputs.Length == sample.Op.OutputCount) written++;
                }
                catch (OnnxExportException)
                {
                    // Some attributes of an op may have no counterpart.
                }
            }

            if (written == 0) missing.Add($"{type}");
        }

        Assert.That(missing, Is.Empty);
    }

    private static Tensor[] Results(Op op, Tensor[] x)
    {
        Tensor?[] y = new Tensor?[op.OutputCount + op.KeptCount];
        op.Execute(x, y, keep: false);
        return [.. y.OfType<Tensor>()];
    }

    [Test]
    public void The_layers_that_cannot_be_written_are_refused_by_name()
    {
        foreach (LayerSample sample in LayerSamples.All.Where(s => _unwritable.Contains(s.Layer)))
        {
            using Module module = sample.Create(DType.Float32, CpuAccelerator.Instance);
            module.Eval();
            Assert.That(() => OnnxModel.Of(t => sample.Run(module, t), sample.MakeOperands(DType.Float32, CpuAccelerator.Instance)),
                Throws.TypeOf<OnnxExportException>().With.Message.Match("(SparseMatMul|RoiPool).*\\[.*no nodes of the format.*"), sample.ToString());
        }
    }
}
