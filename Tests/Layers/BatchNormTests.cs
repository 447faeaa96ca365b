using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

public sealed class BatchNormTests
{
    private static Tensor Sample(params long[] shape)
    {
        Shape s = shape;
        return Tensor.From(Enumerable.Range(0, (int)s.Count).Select(i => 2 + 3 * Math.Sin(i * 1.3)).ToArray(), s);
    }

    private static void Free(Module model)
    {
        foreach ((_, Tensor tensor) in model.StateDictionary()) tensor.Dispose();
    }

    [Test]
    public void Training_normalises_each_channel_and_keeps_running_averages()
    {
        BatchNorm2D layer = new(2, dtype: DType.Float64);
        using Tensor x = Sample(3, 2, 4, 5);
        using TensorScope scope = new();
        Tensor y = layer.Forward(x);
        double[] mean = x.Mean([0, 2, 3]).ToArray<double>(), variance = x.Variance([0, 2, 3]).ToArray<double>();
        Assert.That(y.Mean([0, 2, 3]).ToArray<double>(), Is.All.EqualTo(0).Within(1e-12));
        Assert.That(y.Variance([0, 2, 3], correction: 0).ToArray<double>(), Is.All.EqualTo(1).Within(1e-4));
        Assert.That(layer.RunningMean.ToArray<double>(), Is.EqualTo(mean.Select(m => 0.1 * m)).Within(1e-12));
        Assert.That(layer.RunningVariance.ToArray<double>(), Is.EqualTo(variance.Select(v => 0.9 + 0.1 * v)).Within(1e-12));
        Free(layer);
    }

    [Test]
    public void Evaluation_uses_the_running_averages_and_leaves_them()
    {
        BatchNorm1D layer = new(3, dtype: DType.Float64);
        layer.Eval();
        using Tensor x = Sample(4, 3);
        using TensorScope scope = new();
        double[] expected = [.. x.ToArray<double>().Select(v => v / Math.Sqrt(1 + 1e-5))];
        Assert.That(layer.Forward(x).ToArray<double>(), Is.EqualTo(expected).Within(1e-12));
        Assert.That(layer.RunningMean.ToArray<double>(), Is.All.EqualTo(0));
        Free(layer);
    }

    [Test]
    public void State_names_are_those_of_PyTorch()
    {
        BatchNorm2D layer = new(2);
        Assert.That(layer.StateDictionary().Keys, Is.EquivalentTo(new[] { "weight", "bias", "running_mean", "running_var" }));
        Free(layer);
    }

    [Test]
    public void Gradients_agree_with_numeric_ones_in_both_modes()
    {
        Sequential model = new(new Conv2D(1, 2, 3, dtype: DType.Float64), new BatchNorm2D(2, dtype: DType.Float64), new Gradwright.Layers.Tanh());
        model.Initialize(new(1));
        using Tensor x = Sample(3, 1, 4, 4);
        GradCheck.Assert(model, x);
        model.Eval();
        GradCheck.Assert(model, x);
        Free(model);
    }

    [Test]
    public void Wrong_number_of_dimensions_names_the_other_layer()
    {
        BatchNorm2D layer = new(2);
        using Tensor x = Tensor.Ones([4, 2]);
        Assert.That(() => layer.Forward(x), Throws.TypeOf<ShapeException>().With.Message.Contains("use BatchNorm1D"));
        Free(layer);
    }
}
