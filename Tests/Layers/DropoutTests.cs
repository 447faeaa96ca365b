using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>Layers that drop something in training.</summary>
[InTensorScope]
public sealed class DropoutTests
{
    [Test]
    public void Inverted_dropout_keeps_the_mean_and_does_nothing_in_evaluation()
    {
        using Dropout layer = new(0.3);
        Tensor x = Tensor.Ones([100_000]);
        float[] y = layer.Forward(x).ToArray<float>();
        Assert.That(y.Average(), Is.EqualTo(1).Within(4 * Math.Sqrt(0.3 / 0.7 / y.Length)));
        Assert.That(y.Distinct().Order(), Is.EqualTo([0f, 1 / 0.7f]));
        layer.Eval();
        Assert.That(layer.Forward(x), Is.SameAs(x));
    }

    [Test]
    public void Plain_dropout_scales_in_evaluation_instead()
    {
        using Dropout layer = new(0.3, inverted: false);
        Tensor x = Tensor.Ones([100_000]);
        float[] y = layer.Forward(x).ToArray<float>();
        Assert.That(y.Distinct().Order(), Is.EqualTo([0f, 1]));
        layer.Eval();
        double expected = 0.7;
        Assert.That(y.Average(), Is.EqualTo(expected).Within(4 * Math.Sqrt(0.3 * 0.7 / y.Length)));
        Assert.That(layer.Forward(x).ToArray<float>(), Is.All.EqualTo((float)expected), "the mean of what training lets through");
    }

    [Test]
    public void Spatial_dropout_drops_whole_channels()
    {
        using SpatialDropout layer = new(0.25);
        float[] y = layer.Forward(Tensor.Ones([50, 40, 3, 2])).ToArray<float>();
        float[][] channels = [.. y.Chunk(6)];
        Assert.That(channels.Select(c => c.Distinct().Count()), Is.All.EqualTo(1));
        Assert.That(channels.Count(c => c[0] == 0) / 2000.0, Is.EqualTo(0.25).Within(0.04));
        Assert.That(channels.Where(c => c[0] != 0).Select(c => c[0]), Is.All.EqualTo(1 / 0.75f));
        Assert.That(() => layer.Forward(Tensor.Ones([5, 4])), Throws.TypeOf<ShapeException>().With.Message.Contains("use Dropout"));
        Assert.That(() => Tensor.Ones([5]).DropoutSlices(0.5, new(1), 2), Throws.TypeOf<ShapeException>().With.Message.Contains("2 leading dimensions"));
    }

    [Test]
    public void Stochastic_depth_lets_samples_skip_the_branch()
    {
        using Residual layer = new(new Sequential(new Lambda(x => x * 3), new StochasticDepth(0.4)));
        Tensor x = Tensor.Ones([2000, 2]);
        float[][] samples = [.. layer.Forward(x).ToArray<float>().Chunk(2)];
        Assert.That(samples.Select(s => s.Distinct().Count()), Is.All.EqualTo(1));
        Assert.That(samples.Select(s => s[0]).Distinct().Order(), Is.EqualTo([1f, 6f]));
        Assert.That(samples.Count(s => s[0] == 1) / 2000.0, Is.EqualTo(0.4).Within(0.05));
        layer.Eval();
        Assert.That(layer.Forward(x).ToArray<float>(), Is.All.EqualTo(4f));
    }

    [Test]
    public void Alpha_dropout_keeps_mean_and_variance()
    {
        using AlphaDropout layer = new(0.2);
        Tensor x = Tensor.Normal([200_000], new Generator(3), dtype: DType.Float64), y = layer.Forward(x);
        Assert.That(y.Mean().ToArray<double>()[0], Is.EqualTo(0).Within(0.02));
        Assert.That(y.Variance().ToArray<double>()[0], Is.EqualTo(1).Within(0.03));
        layer.Eval();
        Assert.That(layer.Forward(x), Is.SameAs(x));
    }

    [Test]
    public void DropConnect_drops_weights_anew_for_each_batch_and_none_in_evaluation()
    {
        using DropConnect layer = new(20, 30, 0.5, bias: false);
        Tensor x = Tensor.Eye(20);
        float[] weight = layer.Weight.Transpose().Detach().Copy().ToArray<float>();
        Assert.That(weight, Is.All.EqualTo(0), "not initialised yet");
        float[] first = layer.Forward(x).ToArray<float>(), second = layer.Forward(x).ToArray<float>();
        weight = layer.Weight.Detach().Transpose().Copy().ToArray<float>();
        Assert.That(first.Zip(weight).Select(p => p.First / p.Second), Is.All.EqualTo(0).Or.EqualTo(2).Within(1e-6));
        Assert.That(first.Count(v => v == 0) / 600.0, Is.EqualTo(0.5).Within(0.1));
        Assert.That(second, Is.Not.EqualTo(first));
        layer.Eval();
        Assert.That(layer.Forward(x).ToArray<float>(), Is.EqualTo(weight).Within(1e-7));
        Assert.That(layer.StateDictionary().Keys, Is.EqualTo(["weight"]));
    }

    [Test]
    public void No_mask_is_held_between_the_passes()
    {
        MemoryPool pool = CpuAccelerator.Instance.Pool;
        using Dropout plain = new(0.5, inverted: false);
        using SpatialDropout spatial = new(0.5);
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.Ones([16, 16, 32, 32]));
        foreach (Module<Tensor, Tensor> layer in (Module<Tensor, Tensor>[])[plain, spatial])
        {
            long before = pool.Statistics.LiveBytes;
            Tensor y = layer.Forward(x);
            Assert.That(pool.Statistics.LiveBytes - before, Is.LessThan(1.1 * y.Count * sizeof(float)), $"{layer}");
        }
    }

    [Test]
    public void Rates_are_probabilities_below_one()
    {
        Func<double, Module>[] all = [r => new Dropout(r), r => new SpatialDropout(r), r => new StochasticDepth(r), r => new AlphaDropout(r), r => new DropConnect(2, 2, r)];
        foreach (Func<double, Module> make in all)
            foreach (double rate in (double[])[-0.1, 1, double.NaN])
                Assert.That(() => make(rate), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("rate"));
    }
}
