using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[InTensorScope]
public sealed class EpisodeSamplerTests
{
    // 12 classes with the labels 0, 10, …, 110 of 5 to 16 samples, mixed.
    private static readonly int[] Labels = [.. Enumerable.Range(0, 12).SelectMany(c => Enumerable.Repeat(10 * c, 5 + c)).Select((label, i) => (label, i)).OrderBy(l => l.i * 37 % 126).Select(l => l.label)];

    private static EpisodeSampler Sampler(long episodes = 50) => new(Labels, ways: 4, shots: 2, queries: 3, episodes);

    private static ArrayDataset<float, long> Numbers() => new(Enumerable.Range(0, Labels.Length).Select(i => (float)i).ToArray(), [1], Labels.Select(l => (long)l).ToArray(), []);

    [Test]
    public void An_episode_has_its_ways_shots_and_queries_and_no_sample_twice()
    {
        EpisodeSampler sampler = Sampler();
        long[] order = new long[sampler.Count];
        sampler.Fill(order, new Generator(1));
        Assert.That(sampler.EpisodeSize, Is.EqualTo(20));
        foreach (long[] episode in order.Chunk(20))
        {
            Assert.That(episode, Is.Unique);
            int[] support = [.. episode[..8].Select(i => Labels[i])], queries = [.. episode[8..].Select(i => Labels[i])];
            Assert.That(support.Distinct().Count(), Is.EqualTo(4));
            for (int i = 0; i < 8; i++) Assert.That(support[i], Is.EqualTo(support[(int)sampler.SupportLabels[i] * 2]));
            for (int i = 0; i < 12; i++) Assert.That(queries[i], Is.EqualTo(support[(int)sampler.QueryLabels[i] * 2]));
        }
    }

    [Test]
    public void Classes_and_their_samples_come_equally_often()
    {
        EpisodeSampler sampler = Sampler(6000);
        long[] order = new long[sampler.Count];
        sampler.Fill(order, new Generator(2));
        foreach (IGrouping<int, long> drawn in order.GroupBy(i => Labels[i]))
        {
            Assert.That(drawn.Count() / 5, Is.EqualTo(2000).Within(150), $"episodes with class {drawn.Key}");
            double each = (double)drawn.Count() / Labels.Count(l => l == drawn.Key);
            foreach (IGrouping<long, long> sample in drawn.GroupBy(i => i)) Assert.That(sample.Count(), Is.EqualTo(each).Within(5 * Math.Sqrt(each)));
        }
    }

    [Test]
    public void Batches_are_episodes_whose_parts_are_cut_out()
    {
        EpisodeSampler sampler = Sampler(3);
        using DataLoader loader = new(Numbers(), sampler.EpisodeSize, shuffleSeed: 5, sampler: sampler);
        int episodes = 0;
        foreach ((Tensor x, Tensor y) in loader)
        {
            (Tensor support, Tensor queries) = sampler.Parts(x);
            Assert.That((support.Shape, queries.Shape), Is.EqualTo((Shape.Create(8, 1), Shape.Create(12, 1))));
            Assert.That(support.ToArray<float>().Concat(queries.ToArray<float>()), Is.EqualTo(x.ToArray<float>()));
            Assert.That(sampler.Parts(y).Queries.ToArray<long>(), Is.EqualTo(y.ToArray<long>()[8..]));
            episodes++;
        }

        Assert.That(episodes, Is.EqualTo(3));
        using DataLoader odd = new(Numbers(), 7, shuffleSeed: 5, sampler: sampler);
        Assert.That(() => sampler.Parts(odd.First().Input), Throws.TypeOf<ShapeException>().With.Message.Contains("20 samples").And.Message.Contains("[7, 1]"));
    }

    // In batches of 7 most stops are in the middle of an episode.
    [Test]
    public void A_restored_state_goes_on_in_the_middle_of_an_episode([Range(0, 14, 2)] int stop, [Values(7, 20)] int batch)
    {
        using DataLoader whole = Loader(batch), interrupted = Loader(batch), resumed = Loader(batch);
        string[] expected = [.. Endless(whole).Take(15)];
        string[] before = [.. Endless(interrupted).Take(stop)];
        resumed.State = interrupted.State;
        Assert.That(before.Concat(Endless(resumed).Take(15 - stop)), Is.EqualTo(expected));
        Assert.That(expected, Is.Unique, "each epoch draws anew");
    }

    [Test]
    public void Episodes_that_cannot_be_drawn_are_refused()
    {
        Assert.That(() => new EpisodeSampler(Labels, 13, 1, 1, 1), Throws.ArgumentException.With.Message.Contains("13 classes").And.Message.Contains("have 12"));
        Assert.That(() => new EpisodeSampler(Labels, 4, 3, 3, 1), Throws.ArgumentException.With.Message.Contains("3 + 3").And.Message.Contains("class 0 has 5"));
        Assert.That(() => new EpisodeSampler(Labels, 0, 1, 1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new EpisodeSampler(Labels, 4, 1, 0, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new EpisodeSampler([], 1, 1, 1, 1), Throws.ArgumentException);
    }

    private static DataLoader Loader(int batch) => new(Numbers(), batch, shuffleSeed: 9, sampler: Sampler(4), workers: 2);

    private static IEnumerable<string> Endless(DataLoader loader)
    {
        while (true)
            foreach (Batch batch in loader) yield return string.Join(" ", batch.Input.ToArray<float>());
    }
}
