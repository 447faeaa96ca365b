using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>Layers that normalise: their state, their two modes, and what they refuse.</summary>
[InTensorScope]
public sealed class NormalisationTests
{
    private static Tensor Sample(params long[] shape) => Tensor.Normal(shape, new Generator(4), 2, 3, DType.Float64);

    [Test]
    public void Layer_normalisation_is_the_same_in_training_and_evaluation()
    {
        using LayerNorm layer = new(5, dtype: DType.Float64);
        Tensor x = Sample(4, 5), y = layer.Forward(x);
        Assert.That(y.Mean(1).ToArray<double>(), Is.All.EqualTo(0).Within(1e-12));
        Assert.That(y.Variance(1, correction: 0).ToArray<double>(), Is.All.EqualTo(1).Within(1e-4));
        layer.Eval();
        Assert.That(layer.Forward(x).ToArray<double>(), Is.EqualTo(y.ToArray<double>()));
    }

    [Test]
    public void Sizes_may_be_learnt_from_the_first_input()
    {
        using LayerNorm layer = new();
        using RMSNorm rms = new();
        using GroupNorm group = new(2);
        using InstanceNorm2D instance = new(affine: true);
        Assert.That($"{layer} {rms} {group} {instance}", Is.EqualTo("LayerNorm(?) RMSNorm(?) GroupNorm(2, ?) InstanceNorm2D(?, affine: true)"));
        Tensor x = Sample(2, 4, 3, 5);
        foreach (Module<Tensor, Tensor> module in (Module<Tensor, Tensor>[])[layer, rms, group, instance]) Assert.That(module.Forward(x).Shape, Is.EqualTo(x.Shape));
        Assert.That($"{layer} {rms} {group} {instance}", Is.EqualTo("LayerNorm(5) RMSNorm(5) GroupNorm(2, 4) InstanceNorm2D(4, affine: true)"));
        Assert.That(group.Weight!.DType, Is.EqualTo(DType.Float64));
    }

    [Test]
    public void Layers_print_their_constructors()
    {
        using LayerNorm layer = new([3, 5], 0.1, bias: false);
        using RMSNorm rms = new(3, affine: false);
        using InstanceNorm1D instance = new(3, trackRunningStatistics: true, momentum: null);
        using BatchNorm2D batch = new(3, momentum: null, affine: false);
        using AdaptiveGroupNorm adaptive = new(2, 4, 8);
        Assert.That($"{layer}", Is.EqualTo("LayerNorm([3, 5], epsilon: 0.1, bias: false)"));
        Assert.That($"{rms}", Is.EqualTo("RMSNorm(3, affine: false)"));
        Assert.That($"{instance}", Is.EqualTo("InstanceNorm1D(3, momentum: null, trackRunningStatistics: true)"));
        Assert.That($"{batch}", Is.EqualTo("BatchNorm2D(3, momentum: null, affine: false)"));
        Assert.That($"{adaptive}", Is.EqualTo("AdaptiveGroupNorm(2, 4, 8)"));
    }

    [Test]
    public void State_names_are_those_of_PyTorch()
    {
        using InstanceNorm2D plain = new(3), tracking = new(3, affine: true, trackRunningStatistics: true);
        using LayerNorm layer = new(3);
        using BatchNorm3D all = new(3, momentum: null);
        Assert.That(plain.StateDictionary(), Is.Empty);
        Assert.That(tracking.StateDictionary().Keys, Is.EquivalentTo(new[] { "weight", "bias", "running_mean", "running_var" }));
        Assert.That(layer.StateDictionary().Keys, Is.EqualTo(["weight", "bias"]));
        Assert.That(all.StateDictionary().Keys, Is.EquivalentTo(new[] { "weight", "bias", "running_mean", "running_var", "num_batches_tracked" }));
    }

    [Test]
    public void Without_a_momentum_the_running_statistics_are_those_of_all_batches_alike()
    {
        using BatchNorm1D layer = new(3, momentum: null, dtype: DType.Float64);
        Tensor[] batches = [Sample(4, 3), Sample(6, 3) * 2, Sample(5, 3) + 7];
        foreach (Tensor batch in batches) layer.Forward(batch);
        double[][] means = [.. batches.Select(b => b.Mean(0).ToArray<double>())], variances = [.. batches.Select(b => b.Variance(0).ToArray<double>())];
        for (int c = 0; c < 3; c++)
        {
            Assert.That(layer.RunningMean.ToArray<double>()[c], Is.EqualTo(means.Average(m => m[c])).Within(1e-12));
            Assert.That(layer.RunningVariance.ToArray<double>()[c], Is.EqualTo(variances.Average(v => v[c])).Within(1e-12));
        }

        Assert.That(layer.NumBatchesTracked!.ToArray<long>(), Is.EqualTo([3L]));
    }

    [Test]
    public void Instance_normalisation_tracks_the_mean_of_the_samples_statistics_and_evaluates_with_it()
    {
        using InstanceNorm1D layer = new(2, trackRunningStatistics: true, momentum: 0.25, dtype: DType.Float64);
        Tensor x = Sample(3, 2, 6);
        layer.Forward(x);
        double[] mean = x.Mean([0, 2]).ToArray<double>(), variance = x.Variance(2).Mean(0).ToArray<double>();
        Assert.That(layer.RunningMean!.ToArray<double>(), Is.EqualTo(mean.Select(m => 0.25 * m)).Within(1e-12));
        Assert.That(layer.RunningVariance!.ToArray<double>(), Is.EqualTo(variance.Select(v => 0.75 + 0.25 * v)).Within(1e-12));
        layer.Eval();
        double[] y = layer.Forward(x).ToArray<double>(), values = x.ToArray<double>();
        for (int i = 0; i < y.Length; i++)
        {
            int c = i / 6 % 2;
            Assert.That(y[i], Is.EqualTo((values[i] - 0.25 * mean[c]) / Math.Sqrt(0.75 + 0.25 * variance[c] + 1e-5)).Within(1e-12));
        }

        using InstanceNorm1D plain = new(2, dtype: DType.Float64);
        double[] training = plain.Forward(x).ToArray<double>();
        plain.Eval();
        Assert.That(plain.Forward(x).ToArray<double>(), Is.EqualTo(training), "without them the two modes are one");
    }

    [Test]
    public void An_adaptive_norm_takes_each_samples_numbers_from_its_embedding()
    {
        using AdaptiveGroupNorm layer = new(2, 4, 3, dtype: DType.Float64);
        Tensor x = Sample(2, 4, 5);
        layer.Projection.Weight.FillInPlace(0);
        layer.Projection.Bias!.CopyFrom(Tensor.Zeros([8], DType.Float64));
        Assert.That(layer.Forward(x, Sample(2, 3)).ToArray<double>(), Is.EqualTo(x.GroupNorm(2).ToArray<double>()), "an embedding that says nothing");
        layer.Projection.Weight.FillInPlace(1);
        Tensor e = Tensor.From([0.0, 0, 0, 1, 2, 3], [2, 3]), y = layer.Forward(x, e);
        Assert.That(y.Slice(0, 0, 1).ToArray<double>(), Is.EqualTo(x.Slice(0, 0, 1).GroupNorm(2).ToArray<double>()).Within(1e-13));
        Assert.That(y.Slice(0, 1, 1).ToArray<double>(), Is.EqualTo((x.Slice(0, 1, 1).GroupNorm(2) * 7 + 6).ToArray<double>()).Within(1e-12));
    }

    [Test]
    public void Wrong_inputs_are_explained()
    {
        using InstanceNorm2D instance = new(3);
        using BatchNorm3D batch = new(3);
        using GroupNorm group = new(2);
        using LayerNorm layer = new(3);
        using AdaptiveGroupNorm adaptive = new(2, 4, 3);
        Assert.That(() => instance.Forward(Tensor.Zeros([2, 3, 4])), Throws.TypeOf<ShapeException>().With.Message.Contains("[batch, channels, height, width]"));
        Assert.That(() => instance.Forward(Tensor.Zeros([2, 4, 3, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains("made for 3"));
        Assert.That(() => instance.Forward(Tensor.Zeros([2, 3, 1, 1])), Throws.TypeOf<ShapeException>().With.Message.Contains("one element"));
        Assert.That(() => batch.Forward(Tensor.Zeros([2, 3, 4, 4])), Throws.TypeOf<ShapeException>().With.Message.Contains("BatchNorm2D"));
        Assert.That(() => group.Forward(Tensor.Zeros([2, 3, 4])), Throws.ArgumentException.With.Message.Contains("2 equal groups"));
        Assert.That(() => layer.Forward(Tensor.Zeros([2, 4])), Throws.TypeOf<ShapeException>().With.Message.Contains("LayerNorm(3)"));
        Assert.That(() => layer.Forward(Tensor.Zeros([2, 3], DType.Float64)), Throws.TypeOf<DTypeException>());
        Assert.That(() => adaptive.Forward(Tensor.Zeros([2, 5, 3]), Tensor.Zeros([2, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains("[batch, 4, …]"));
        Assert.That(() => adaptive.Forward(Tensor.Zeros([2, 4, 3]), Tensor.Zeros([1, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains("one row per sample"));
    }

    [Test]
    public void Impossible_sizes_are_explained()
    {
        Assert.That(() => new LayerNorm(0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("features"));
        Assert.That(() => new LayerNorm((Shape)(long[])[]), Throws.ArgumentException.With.Message.Contains("no dimensions"));
        Assert.That(() => new LayerNorm(3, epsilon: 0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("epsilon"));
        Assert.That(() => new RMSNorm(3, epsilon: -1), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("-1"));
        Assert.That(() => new GroupNorm(4, 6), Throws.ArgumentException.With.Message.Contains("divisor of 6"));
        Assert.That(() => new GroupNorm(0, 6), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("groups"));
        Assert.That(() => new AdaptiveGroupNorm(2, 4, 0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("embedding"));
        Assert.That(() => new InstanceNorm3D(0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("channels"));
        Assert.That(() => new BatchNorm1D(3, momentum: 2), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("momentum"));
    }
}
