using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Interchange.Onnx;

/// <summary>What a file cannot say is refused with a reason, and nothing is lost by it.</summary>
[InTensorScope]
public sealed class OnnxRefusalTests
{
    private static Tensor _outside = null!;
    private static BatchNorm1D _norm = null!;
    private static MultiHeadAttention _attention = null!;

    [OneTimeSetUp]
    public static void Make() => (_outside, _norm, _attention) = (Tensor.Zeros([2, 3]), new(3), new(3, 1, dropout: 0.5));

    [OneTimeTearDown]
    public static void Free()
    {
        _outside.Dispose();
        _norm.Dispose();
        _attention.Dispose();
    }

    private static Tensor X => Tensor.Normal([2, 3], new Generator(1));

    private static IEnumerable<TestCaseData> Refused()
    {
        yield return Case("an op without nodes", x => x.MatMul(x.Permute(1, 0)).Cholesky(), "Cholesky(t2 [2, 2] Float32) → t3 [2, 2] Float32: no nodes");
        yield return Case("dropout in training mode", x => new Dropout(0.5).Forward(x), "Dropout(", "model.Eval()");
        yield return Case("random numbers", x => x + Tensor.Uniform(x.Shape, new Generator(1)), "RandomUniform", "model.Eval()");
        yield return Case("running statistics of training mode", x => _norm.Forward(x), "writes into [3] Float32", "model.Eval()");
        yield return Case("statistics of the batch", x => x.BatchNorm().Y, "BatchNorm(input0 [2, 3] Float32)", "model.Eval()");
        yield return Case("writing outside", x =>
        {
            _outside.AddInPlace(x);
            return x + 1;
        }, "Add writes into [2, 3] Float32, a tensor from before it");
        yield return Case("writing into an input", x =>
        {
            x.AddInPlace(1);
            return x * 2;
        }, "writes into [2, 3] Float32");
        yield return Case("a view changed under a tensor", x =>
        {
            Tensor y = x + 1;
            y.Slice(0, 0, 1).MultiplyInPlace(2);
            return y * 3;
        }, "MultiplyScalar reads t1 [2, 3] after it was changed through another view");
        yield return Case("a tensor changed under its view", x =>
        {
            Tensor y = x + 1, view = y.Slice(0, 0, 1);
            y.MultiplyInPlace(2);
            return view;
        }, "the result reads t2 [1, 3] after it was changed");
        yield return Case("attention with dropout", x => _attention.Forward(x.Unsqueeze(0)), "Attention(", "model.Eval()");

        static TestCaseData Case(string name, Func<Tensor, Tensor> function, params string[] message) => new TestCaseData(function, message).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Refused))]
    public void A_function_that_a_file_cannot_express_is_refused(Func<Tensor, Tensor> function, string[] message)
    {
        OnnxExportException? error = Assert.Throws<OnnxExportException>(() => OnnxModel.Of(t => [function(t[0])], X));
        foreach (string part in message) Assert.That(error!.Message, Does.Contain(part));
    }

    [Test]
    public void A_step_with_an_optimizer_is_refused()
    {
        using Linear model = new(3, 2);
        using Sgd optimizer = new(model.Parameters(), 0.1);
        using CapturedStep step = Capture.Of(x =>
        {
            using Tape tape = new();
            Tensor loss = model.Forward(x).Square().Mean();
            tape.Backward(loss);
            optimizer.Step();
            optimizer.ZeroGrad();
            return TensorScope.Keep(loss);
        });
        for (int i = 0; i < 2; i++) step.Run(X);
        Assert.That(step.Graph!.Impurities, Has.Some.Contain("no ops"));
        Assert.That(() => OnnxModel.Of(step.Graph!), Throws.TypeOf<OnnxExportException>().With.Message.Contain("Record the forward pass alone"));
    }

    private static IEnumerable<TestCaseData> DependsOnTheBatch()
    {
        yield return new TestCaseData((Func<Tensor[], Tensor[]>)(x => [x[0] * x[0].Shape[0]]), "numbers that depend on it").SetArgDisplayNames("a number");
        yield return new TestCaseData((Func<Tensor[], Tensor[]>)(x => [x[0].Shape[0] > 2 ? x[0].Exp() : x[0].Tanh()]), "node 0 is").SetArgDisplayNames("another op");
        yield return new TestCaseData((Func<Tensor[], Tensor[]>)(x => [x[0].Slice(0, 0, x[0].Shape[0] - 1)]), "no multiple").SetArgDisplayNames("one row less");
        yield return new TestCaseData((Func<Tensor[], Tensor[]>)(x => [x[0] + x[1].Sum()]), "first dimension of every input").SetArgDisplayNames("inputs of two lengths");
    }

    [TestCaseSource(nameof(DependsOnTheBatch))]
    public void A_function_that_treats_batches_differently_has_no_dynamic_batch(Func<Tensor[], Tensor[]> function, string why)
    {
        using TemporaryFolder folder = new();
        Tensor[] samples = why.StartsWith("first", StringComparison.Ordinal) ? [X, Tensor.Zeros([3])] : [X];
        Assert.That(() => OnnxFile.Export(folder["x.onnx"], function, samples, new() { DynamicBatch = true }), Throws.TypeOf<OnnxExportException>().With.Message.Contain(why));
        Assert.That(Directory.GetFiles(folder.Path), Is.Empty);
    }

    [Test]
    public void A_recording_alone_has_no_dynamic_batch()
    {
        using CapturedGraph graph = CapturedGraph.Of(t => [t[0] + 1], X);
        using MemoryStream stream = new();
        Assert.That(() => OnnxFile.Save(stream, graph, new() { DynamicBatch = true }), Throws.ArgumentException.With.Message.Contain("OnnxFile.Export"));
    }

    [Test]
    public void More_than_two_gigabytes_are_refused_before_they_are_copied()
    {
        Tensor large = Tensor.Zeros([1, 1]).Expand([1 << 20, 600]);
        Assert.That(() => OnnxModel.Of(t => [t[0] + large.Slice(0, 0, 1).Sum()], X), Throws.TypeOf<OnnxExportException>().With.Message.Contain("[1048576, 600] Float32").And.Message.Contain("2 GB"));
    }

    [Test]
    public void A_refused_export_leaves_the_older_file_as_it_is()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["model.onnx"], "older");
        Assert.That(() => OnnxFile.Export(folder["model.onnx"], t => [t[0].MatMul(t[0].Permute(1, 0)).Cholesky()], [X]), Throws.TypeOf<OnnxExportException>());
        Assert.That(File.ReadAllText(folder["model.onnx"]), Is.EqualTo("older"));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_place_that_cannot_be_written_is_an_error_and_leaves_nothing()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["file"], "older");
        Assert.That(() => OnnxFile.Export(Path.Combine(folder["file"], "model.onnx"), t => [t[0] + 1], [X]), Throws.InstanceOf<IOException>());
        Directory.CreateDirectory(folder["taken.onnx"]);
        Assert.That(() => OnnxFile.Export(folder["taken.onnx"], t => [t[0] + 1], [X]), Throws.InstanceOf<Exception>());
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));
        Assert.That(File.ReadAllText(folder["file"]), Is.EqualTo("older"));
    }

    [Test]
    public void Missing_arguments_are_named()
    {
        Assert.That(() => OnnxFile.Export("x.onnx", null!, [X]), Throws.ArgumentNullException);
        Assert.That(() => OnnxFile.Export("x.onnx", t => t, null!), Throws.ArgumentNullException);
        Assert.That(() => OnnxFile.Save("x.onnx", null!), Throws.ArgumentNullException);
        Assert.That(() => OnnxFile.Save((Stream)null!, null!), Throws.ArgumentNullException);
    }
}
