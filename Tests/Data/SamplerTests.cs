using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class SamplerTests
{
    [Test]
    public void Samples_are_drawn_in_proportion_to_their_weights()
    {
        long[] order = new long[100_000];
        new WeightedSampler([1, 0, 2, 5, 0], count: order.Length).Fill(order, new Generator(1));
        double[] shares = [.. Enumerable.Range(0, 5).Select(i => order.Count(s => s == i) / (double)order.Length)];
        Assert.That(shares, Is.EqualTo(new[] { 0.125, 0, 0.25, 0.625, 0 }).Within(0.01));
        Assert.That((shares[1], shares[4]), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Classes_come_equally_often_and_their_samples_in_turn()
    {
        int[] labels = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2];
        long[] order = new long[20];
        new BalancedSampler(labels, count: 20).Fill(order, new Generator(2));
        int[] perSample = [.. Enumerable.Range(0, 10).Select(i => order.Count(s => s == i))];
        Assert.That(Enumerable.Range(0, 3).Select(c => order.Count(s => labels[s] == c)), Is.EquivalentTo(new[] { 7, 7, 6 }));
        Assert.That(perSample[..7], Is.All.LessThanOrEqualTo(1));
        Assert.That(Math.Abs(perSample[7] - perSample[8]), Is.LessThanOrEqualTo(1));
        Assert.That(order, Is.Not.Ordered);
    }

    [Test]
    public void A_restored_state_gives_the_samples_that_were_still_to_come([Range(0, 9)] int stop, [Values] bool balanced)
    {
        using DataLoader whole = Loader(balanced), interrupted = Loader(balanced), resumed = Loader(balanced);
        string[] expected = [.. Endless(whole).Take(10)];
        string[] before = [.. Endless(interrupted).Take(stop)];
        resumed.State = interrupted.State;
        Assert.That(before.Concat(Endless(resumed).Take(10 - stop)), Is.EqualTo(expected));
        Assert.That(expected[..5], Is.Not.EqualTo(expected[5..]), "each epoch draws anew");
    }

    [Test]
    public void An_epoch_is_as_long_as_the_sampler_says()
    {
        using DataLoader loader = new(Numbers(), 4, shuffleSeed: 1, sampler: new WeightedSampler([0, 1, 0, 0, 0, 0], count: 10));
        Assert.That((loader.BatchesPerEpoch, loader.SmallestBatch), Is.EqualTo((3, 2)));
        Assert.That(loader.SelectMany(b => b.Target.ToArray<long>()), Is.EqualTo(Enumerable.Repeat(1, 10)));
    }

    [Test]
    public void A_sample_that_comes_twice_is_changed_in_two_ways()
    {
        using DataLoader loader = new(Numbers(), 4, shuffleSeed: 1, sampler: new WeightedSampler([0, 1, 0, 0, 0, 0]), transform: (x, _, random) => x[0] = (float)random.NextDouble());
        Assert.That(loader.SelectMany(b => b.Input.ToArray<float>()), Is.Unique);
    }

    [Test]
    public void Samplers_that_do_not_fit_are_refused()
    {
        Assert.That(() => new WeightedSampler([1, -1]), Throws.ArgumentException.With.Message.Contains("weight 1 is -1"));
        Assert.That(() => new WeightedSampler([0, 0]), Throws.ArgumentException.With.Message.Contains("sum of the 2 weights"));
        Assert.That(() => new WeightedSampler([1, double.NaN]), Throws.ArgumentException);
        Assert.That(() => new BalancedSampler([]), Throws.ArgumentException);
        Assert.That(() => new DataLoader(Numbers(), 2, sampler: new BalancedSampler(new int[6])), Throws.ArgumentException.With.Message.Contains("no shuffleSeed"));
        Assert.That(() => new DataLoader(Numbers(), 2, 1, sampler: new BalancedSampler(new int[5])), Throws.ArgumentException.With.Message.Contains("for 5 samples").And.Message.Contains("has 6"));
        using DataLoader loader = new(Numbers(), 2, 1, sampler: new BalancedSampler(new int[6]));
        Assert.That(() => loader.State = new(null, 0, 0), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("drawn by a seed"));
    }

    private static DataLoader Loader(bool balanced) => new(Numbers(), 2, shuffleSeed: 9, transform: (x, _, random) => x[0] = (float)random.NextDouble(),
        sampler: balanced ? new BalancedSampler([0, 0, 0, 0, 1, 1], count: 9) : new WeightedSampler([1, 2, 3, 4, 5, 6], count: 9));

    private static ArrayDataset<float, long> Numbers() => new(new float[6], [1], new long[] { 0, 1, 2, 3, 4, 5 }, []);

    private static IEnumerable<string> Endless(DataLoader loader)
    {
        while (true)
            foreach (Batch batch in loader) yield return $"{string.Join(" ", batch.Target.ToArray<long>())}: {string.Join(" ", batch.Input.ToArray<float>())}";
    }
}
