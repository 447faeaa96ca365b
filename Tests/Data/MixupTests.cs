using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;
using Gradwright.Tests.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[InTensorScope]
public sealed class MixupTests
{
    [TestCase(0.2, 0.2), TestCase(1, 1), TestCase(2.5, 0.7), TestCase(8, 8)]
    public void Beta_numbers_have_the_distributions_moments(double a, double b)
    {
        const int n = 20_000;
        Generator random = new(3);
        double[] x = [.. Enumerable.Range(0, n).Select(_ => random.NextBeta(a, b))];
        double mean = a / (a + b), variance = a * b / ((a + b) * (a + b) * (a + b + 1)), found = x.Average();
        Assert.That(x, Has.All.InRange(0, 1));
        Assert.That(found, Is.EqualTo(mean).Within(4 * Math.Sqrt(variance / n)));
        // Of numbers in 0 ... 1, (x - mean)² deviates by at most ½.
        Assert.That(x.Average(v => (v - mean) * (v - mean)), Is.EqualTo(variance).Within(4 * 0.5 * Math.Sqrt(variance / n)));
    }

    [Test]
    public void Beta_numbers_of_tiny_parameters_are_zero_or_one_but_never_NaN()
    {
        Generator random = new(1);
        double[] x = [.. Enumerable.Range(0, 1000).Select(_ => random.NextBeta(1e-4, 1e-4))];
        Assert.That(x.Count(v => v < 0.01), Is.InRange(420, 580));
        Assert.That(x.Count(v => v > 0.99), Is.InRange(420, 580));
    }

    [TestCase(0.5), TestCase(1), TestCase(7)]
    public void Gamma_numbers_have_the_distributions_moments(double shape)
    {
        const int n = 20_000;
        Generator random = new(4);
        double[] x = [.. Enumerable.Range(0, n).Select(_ => random.NextGamma(shape))];
        Assert.That(x.Average(), Is.EqualTo(shape).Within(4 * Math.Sqrt(shape / n)));
        // The fourth central moment of a gamma number is 3·shape² + 6·shape.
        Assert.That(x.Average(v => (v - shape) * (v - shape)), Is.EqualTo(shape).Within(4 * Math.Sqrt((2 * shape * shape + 6 * shape) / n)));
        Assert.That(() => random.NextGamma(0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("shape"));
        Assert.That(() => random.NextBeta(1, double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("b must be positive"));
    }

    [Test]
    public void Samples_and_their_targets_are_mixed_alike_and_the_larger_part_is_their_own()
    {
        // Sample i is the number i, and its class too: the mixed input is the mean of the mixed target.
        Tensor x = Tensor.Arange(0, 6, 1, DType.Float64).Unsqueeze(1), y = Tensor.Arange(6);
        HashSet<double> shares = [];
        for (int step = 0; step < 20; step++)
        {
            (Tensor mixed, Tensor target) = new Mixup(1, classes: 6).Apply(x, y, step);
            Assert.That((mixed.Shape, target.Shape, target.DType), Is.EqualTo((x.Shape, new Shape([6, 6]), DType.Float64)));
            Assert.That(target.Sum(1).ToArray<double>(), Is.All.EqualTo(1).Within(1e-15), "probabilities");
            Assert.That(target.MatMul(x).ToArray<double>(), Is.EqualTo(mixed.ToArray<double>()).Within(1e-14));
            double[] own = [.. Enumerable.Range(0, 6).Select(i => target[i, i].ToDouble())];
            Assert.That(own, Has.All.GreaterThanOrEqualTo(0.5));
            shares.Add(own.Min());
        }

        Assert.That(shares, Has.Count.GreaterThan(15), "each step has a share of its own");
    }

    [Test]
    public void Numbers_as_targets_keep_their_shape_and_pictures_of_classes_get_a_dimension()
    {
        Tensor x = Tensor.Normal([4, 3], new(1)), y = Tensor.Normal([4, 2], new(2));
        Assert.That(new Mixup().Apply(x, y, 0).Target.Shape, Is.EqualTo(new Shape([4, 2])));
        Tensor classes = Tensor.From([.. Enumerable.Range(0, 4 * 2 * 3).Select(i => i % 5L)], [4, 2, 3]);
        Tensor target = new Mixup(classes: 5).Apply(x, classes, 0).Target;
        Assert.That(target.Shape, Is.EqualTo(new Shape([4, 5, 2, 3])));
        Assert.That(target.Sum(1).ToArray<float>(), Is.All.EqualTo(1).Within(1e-6));
    }

    [Test]
    public void The_same_seed_and_step_give_the_same_bits()
    {
        Tensor x = Tensor.Normal([5, 3], new(1)), y = Tensor.Arange(5);
        Assert.That(Run(1, 7), Is.EqualTo(Run(1, 7)));
        Assert.That(Run(1, 8), Is.Not.EqualTo(Run(1, 7)));
        Assert.That(Run(2, 7), Is.Not.EqualTo(Run(1, 7)));

        float[] Run(ulong seed, long step)
        {
            (Tensor input, Tensor target) = new Mixup(0.4, 5, seed).Apply(x, y, step);
            return [.. input.ToArray<float>(), .. target.ToArray<float>()];
        }
    }

    [Test]
    public void What_cannot_be_mixed_is_refused()
    {
        Tensor x = Tensor.Zeros([4, 3]), y = Tensor.Arange(4);
        Mixup mixup = new(classes: 4);
        foreach (double alpha in (double[])[0, -1, double.NaN, double.PositiveInfinity])
            Assert.That(() => new Mixup(alpha), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("alpha must be positive"));
        Assert.That(() => mixup.Apply(x[..1], y[..1], 0), Throws.TypeOf<ShapeException>().With.Message.Contains("dropLast"));
        Assert.That(() => mixup.Apply(x, y[..3], 0), Throws.TypeOf<ShapeException>().With.Message.Contains("same number of samples"));
        Assert.That(() => mixup.Apply(y, y, 0), Throws.TypeOf<DTypeException>().With.Message.Contains("embeddings"));
        Assert.That(() => mixup.Apply(x, y.Cast(DType.Int32), 0), Throws.TypeOf<DTypeException>().With.Message.Contains("Int64"));
        Assert.That(() => new Mixup().Apply(x, y, 0), Throws.ArgumentException.With.Message.Contains("classes: 10"));
        Assert.That(() => mixup.Apply(x, y, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [TestCase(3), TestCase(7), TestCase(9)]
    public void A_training_with_mixup_that_was_interrupted_ends_with_the_same_bits(int stop)
    {
        using TemporaryFolder folder = new();
        using TinyTask plain = new(), whole = new(mixup: new(0.4, 2, 5)), part = new(folder.Path, mixup: new(0.4, 2, 5)), resumed = new(folder.Path, mixup: new(0.4, 2, 5));
        plain.Trainer.Fit(2);
        whole.Trainer.Fit(2);
        part.Trainer.Fit(2, maxSteps: stop);
        Assert.That(resumed.Trainer.Resume());
        resumed.Trainer.Fit(2);
        Assert.That(resumed.Fingerprint(), Is.EqualTo(whole.Fingerprint()));
        Assert.That(whole.Fingerprint(), Is.Not.EqualTo(plain.Fingerprint()));
        Assert.That(whole.Trainer.History.Training("accuracy")[^1], Is.InRange(0, 1), "classes as they were");
    }

    [Test]
    public void A_trainer_refuses_an_epoch_that_ends_with_a_single_sample()
    {
        using TinyTask task = new(mixup: new(classes: 2), samples: 3 * TinyTask.Batch + 1);
        Assert.That(() => task.Trainer.Fit(1), Throws.InvalidOperationException.With.Message.Contains("the last batch of an epoch has 1").And.Message.Contains("dropLast: true"));
        Assert.That(task.Data.SmallestBatch, Is.EqualTo(1));
        Assert.That(task.Trainer.Step, Is.Zero);
    }
}
