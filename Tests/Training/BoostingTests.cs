using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Boosting: votes and weights by hand, stumps on a ring, and what is refused.</summary>
[InTensorScope]
public sealed class BoostingTests
{
    [Test]
    public void Weights_and_votes_are_those_worked_out_by_hand()
    {
        // Classes 0 1 0 1. Errors: a fourth, then 1/6 (sample 0 after the weights 1 1 1 3), then none.
        long[][] guesses = [[0, 1, 0, 0], [1, 1, 0, 1], [0, 1, 0, 1]];
        double[][] weights = [[0.25, 0.25, 0.25, 0.25], [1 / 6.0, 1 / 6.0, 1 / 6.0, 0.5], [0.5, 0.1, 0.1, 0.3]];
        using AdaBoost boosted = AdaBoost.Fit(Numbered(0, 1, 0, 1), classes: 2, rounds: 9, round =>
        {
            Assert.That(round.Weights.ToArray(), Is.EqualTo(weights[round.Number]).Within(1e-12));
            return Guessing(2, guesses[round.Number]);
        });
        Assert.That(boosted.Votes, Is.EqualTo(new[] { Math.Log(3), Math.Log(5), Math.Log(7) }).Within(1e-12), "one without a mistake counts as half wrong about one of four samples, and ends the search");
        double all = Math.Log(105);
        Assert.That(boosted.Forward(Tensor.From(new float[] { 0, 3 }, [2, 1])).ToArray<double>(),
            Is.EqualTo(new[] { (Math.Log(3) + Math.Log(7)) / all, Math.Log(5) / all, Math.Log(3) / all, Math.Log(35) / all }).Within(1e-12));
    }

    [Test]
    public void With_more_classes_chance_is_worse()
    {
        // Half of them wrong would be no use with two classes.
        using AdaBoost boosted = AdaBoost.Fit(Numbered(0, 1, 2, 0), classes: 3, rounds: 1, _ => Guessing(3, 0, 1, 0, 1));
        Assert.That(boosted.Votes, Is.EqualTo(new[] { Math.Log(2) }).Within(1e-12));
    }

    [Test]
    public void A_model_no_better_than_chance_ends_it()
    {
        long[][] guesses = [[0, 1, 0, 0], [1, 1, 0, 0]];         // the second: 1/6 + 1/2 of the weight
        List<bool> asked = [];
        using AdaBoost boosted = AdaBoost.Fit(Numbered(0, 1, 0, 1), 2, rounds: 9, round =>
        {
            asked.Add(true);
            return Guessing(2, guesses[round.Number]);
        });
        Assert.That(boosted.Votes, Has.Count.EqualTo(1));
        Assert.That(asked, Has.Count.EqualTo(2));
        Assert.That(() => AdaBoost.Fit(Numbered(0, 1, 0, 1), 2, 3, _ => Guessing(2, 1, 0, 0, 1)), Throws.InvalidOperationException.With.Message.Contains("no better than chance among 2 classes"));
    }

    [Test]
    public void Boosted_stumps_learn_a_ring_that_no_stump_can()
    {
        (float[] points, ArrayDataset<float, long> data) = Ring(200, 1);
        (_, ArrayDataset<float, long> test) = Ring(400, 2);
        double[] accuracies = [.. new[] { 1, 40 }.Select(rounds =>
        {
            using AdaBoost boosted = AdaBoost.Fit(data, 2, rounds, round => Stump(points, data, round.Weights));
            using DataLoader loader = new(test, 100);
            Accuracy accuracy = new();
            Trainer.Evaluate(boosted, loader, accuracy);
            return accuracy.Value;
        })];
        Assert.That(accuracies[0], Is.LessThan(0.75));
        Assert.That(accuracies[1], Is.GreaterThan(0.9));
    }

    [Test]
    public void Models_trained_on_drawn_samples_are_saved_with_their_votes()
    {
        using TemporaryFolder folder = new();
        (_, ArrayDataset<float, long> data) = Ring(60, 3);
        using AdaBoost boosted = AdaBoost.Fit(data, 2, rounds: 3, round =>
        {
            Sequential model = Create();
            model.Initialize(new Generator((ulong)round.Number));
            using Sgd optimizer = new(model.Parameters(), 0.5);
            using DataLoader loader = new(data, 10, shuffleSeed: (ulong)round.Number, sampler: round.Sampler);
            new Trainer(model, (y, t) => Loss.CrossEntropy(y, t), optimizer, loader).Fit(20);
            return model;
        });
        boosted.Save(folder["boosted.safetensors"]);
        using AdaBoost loaded = AdaBoost.Load(Create, folder["boosted.safetensors"]);
        Tensor x = Tensor.From(new float[] { 0.1f, 0.2f, -0.9f, 0.3f, 0.5f, -0.5f }, [3, 2]);
        Assert.That(loaded.Votes, Is.EqualTo(boosted.Votes));
        Assert.That(loaded.Forward(x).ToArray<float>(), Is.EqualTo(boosted.Forward(x).ToArray<float>()));
        Assert.That(loaded.Forward(x).Sum(1).ToArray<float>(), Is.All.EqualTo(1f).Within(1e-6f));
        Assert.That(() => AdaBoost.Load(() => new Linear(3, 2), folder["boosted.safetensors"]), Throws.ArgumentException);
        using Linear other = new(2, 2);
        Safetensors.Save(folder["other.safetensors"], other.StateDictionary());
        Assert.That(() => AdaBoost.Load(Create, folder["other.safetensors"]), Throws.TypeOf<FormatException>().With.Message.Contains("'votes'"));

        static Sequential Create() => new(new Linear(2, 4), new Tanh(), new Linear(4, 2));
    }

    [Test]
    public void Wrong_members_are_refused()
    {
        Assert.That(() => new AdaBoost([], []), Throws.ArgumentException);
        Assert.That(() => new AdaBoost([new Lambda(x => x)], [0.0]), Throws.ArgumentException.With.Message.Contains("positive vote"));
        Assert.That(() => new AdaBoost([new Lambda(x => x)], [double.NaN]), Throws.ArgumentException);
        Assert.That(() => AdaBoost.Fit(Numbered(0, 1), classes: 3, 1, _ => Guessing(2, 0, 1)), Throws.TypeOf<ShapeException>().With.Message.Contains("[batch, 3]"));
        Assert.That(() => AdaBoost.Fit(new ArrayDataset<float, float>(new float[] { 1, 2 }, [1], new float[] { 1, 2 }, []), 2, 1, _ => Guessing(2, 0, 1)), Throws.ArgumentException.With.Message.Contains("Int64"));
    }

    [Test]
    public void A_bootstrap_sample_stays_the_same_from_epoch_to_epoch()
    {
        BootstrapSampler sampler = new(1000, seed: 1);
        long[] first = new long[1000], second = new long[1000];
        sampler.Fill(first, new Generator(1));
        sampler.Fill(second, new Generator(2));
        Assert.That(second, Is.Not.EqualTo(first).And.EquivalentTo(first));
        long[] left = sampler.OutOfBag.ToArray();
        Assert.That(left.Concat(first).Distinct().Order(), Is.EqualTo(Enumerable.Range(0, 1000).Select(i => (long)i)));
        Assert.That(left.Intersect(first), Is.Empty);
        Assert.That(left, Has.Length.InRange(330, 405), "1000/e = 368, with a deviation of 10");
        long[] other = new long[1000];
        new BootstrapSampler(1000, seed: 2).Fill(other, new Generator(1));
        Assert.That(other, Is.Not.EquivalentTo(first));
        Assert.That(new BootstrapSampler(3, 1, count: 50).Count, Is.EqualTo(50));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new BootstrapSampler(0, 1));
    }

    // Input i is [i].
    private static ArrayDataset<float, long> Numbered(params long[] classes) => new((float[])[.. classes.Select((_, i) => (float)i)], [1], classes, []);

    // Says a class for each of them.
    private static Lambda Guessing(int classes, params long[] guesses)
        => new(x => Tensor.From(guesses).IndexSelect(0, x.Reshape(-1).Cast(DType.Int64)).OneHot(classes, DType.Float64));

    // Points of a square; class 1 is a disc of half its area.
    private static (float[] Points, ArrayDataset<float, long> Data) Ring(int samples, ulong seed)
    {
        Generator random = new(seed);
        float[] points = [.. Enumerable.Range(0, 2 * samples).Select(_ => (float)(2 * random.NextDouble() - 1))];
        long[] classes = [.. Enumerable.Range(0, samples).Select(i => points[2 * i] * points[2 * i] + points[2 * i + 1] * points[2 * i + 1] < 2 / Math.PI ? 1L : 0)];
        return (points, new(points, [2], classes, []));
    }

    // The best threshold on one coordinate: [x > threshold] or its opposite.
    private static Lambda Stump(float[] points, ArrayDataset<float, long> data, ReadOnlySpan<double> weights)
    {
        byte[] target = new byte[sizeof(long)], input = new byte[2 * sizeof(float)];
        long[] classes = new long[weights.Length];
        for (int i = 0; i < classes.Length; i++)
        {
            data.Gather([i], input, target);
            classes[i] = BitConverter.ToInt64(target);
        }

        (double Error, int Axis, float Threshold, int Sign) best = (double.PositiveInfinity, 0, 0, 1);
        for (int axis = 0; axis < 2; axis++)
        {
            for (int candidate = 0; candidate < classes.Length; candidate++)
            {
                float threshold = points[2 * candidate + axis];
                double error = 0;
                for (int i = 0; i < classes.Length; i++)
                    if (points[2 * i + axis] > threshold != (classes[i] == 1)) error += weights[i];
                if (error < best.Error) best = (error, axis, threshold, 1);
                if (1 - error < best.Error) best = (1 - error, axis, threshold, -1);
            }
        }

        (_, int column, float cut, int sign) = best;
        return new(x => Tensor.Stack([cut - x.Slice(1, column, 1).Reshape(-1), x.Slice(1, column, 1).Reshape(-1) - cut], 1) * sign);
    }
}
