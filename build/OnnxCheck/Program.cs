using Gradwright;
using Gradwright.Checking;
using Gradwright.Kernels;
using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Tests.Layers;
using OnnxCheck;

// Exports every model, every layer sample in evaluation mode and every op sample, runs the files in ONNX Runtime and compares: max|a − b| / max|b| of the worst result.
// An argument restricts it to names that contain it.
string wanted = args.Length > 0 ? args[0] : "";
string folder = Directory.CreateTempSubdirectory("onnx-check-").FullName;
List<Outcome> outcomes = [];
try
{
    Tensor digits = Tensor.Normal([2, 1, 28, 28], new Generator(1)), photos = Tensor.Normal([2, 3, 64, 64], new Generator(2));
    Model("LeNet5", () => new LeNet5(), digits);
    Model("Mlp", () => new Mlp(784, 32, 10), Tensor.Normal([2, 784], new Generator(4)));
    Model("VggSmall", () => new VggSmall(), Tensor.Normal([2, 3, 32, 32], new Generator(3)));
    Model("ResNet18", () => new ResNet18(), photos);
    Model("MobileNetV2", () => new MobileNetV2(), photos);
    foreach (LayerSample sample in LayerSamples.All)
    {
        if (!sample.ToString().Contains(wanted, StringComparison.OrdinalIgnoreCase)) continue;
        using Module module = sample.Create(DType.Float32, CpuAccelerator.Instance);
        outcomes.Add(Comparison.Of(sample.ToString(), module, x => sample.Run(module, x), sample.MakeOperands(DType.Float32, CpuAccelerator.Instance), folder));
    }

    foreach (OpSample sample in OpSamples.All)
    {
        if (!$"op {sample}".Contains(wanted, StringComparison.OrdinalIgnoreCase)) continue;
        outcomes.Add(Comparison.Of($"op {sample}", null, x => Results(sample.Op, x), sample.MakeOperands(DType.Float32), folder));
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

foreach (Outcome outcome in outcomes) Console.WriteLine(outcome);
int bad = outcomes.Count(outcome => outcome.IsBad);
Console.WriteLine($"{outcomes.Count(o => o.Difference is not null)} files agree or not, {outcomes.Count(o => o.Difference is null)} refused; worst difference {outcomes.Max(o => o.Difference ?? 0):E1}; "
    + $"{outcomes.Count(o => o.BatchDifference is not null)} with a dynamic batch, worst {outcomes.Max(o => o.BatchDifference ?? 0):E1}; {bad} bad.");
return bad == 0 ? 0 : 1;

static Tensor[] Results(Op op, Tensor[] x)
{
    Tensor?[] y = new Tensor?[op.OutputCount + op.KeptCount];
    op.Execute(x, y, keep: false);
    return [.. y.OfType<Tensor>()];
}

void Model(string name, Func<Module<Tensor, Tensor>> make, Tensor x)
{
    if (!name.Contains(wanted, StringComparison.OrdinalIgnoreCase)) return;
    using Module<Tensor, Tensor> model = make();
    model.Initialize(new Generator(7));
    outcomes.Add(Comparison.Of(name, model, t => [model.Forward(t[0])], [x], folder));
}
