using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Centres of groups that lie far apart.</summary>
public sealed class KMeansTests
{
    private static readonly float[][] Middles = [[0, 0, 0], [10, 0, 0], [0, 10, 0], [0, 0, -10], [7, 7, 7]];

    // Vector i belongs to middle i mod 5 and lies less than 1 from it in each direction.
    private static float[] Blobs(int count)
    {
        Generator random = new(9);
        return [.. Enumerable.Range(0, count).SelectMany(i => Middles[i % 5].Select(m => m + (float)(2 * random.NextDouble() - 1)))];
    }

    [Test]
    public void Groups_that_lie_apart_are_found_by_every_seed()
    {
        float[] vectors = Blobs(500);
        double best = KMeans.Fit(vectors, 3, 5, seed: 0).Inertia;
        int stuck = 0;
        for (ulong seed = 1; seed <= 50; seed++)
        {
            Assert.That(KMeans.Fit(vectors, 3, 5, seed).Inertia, Is.EqualTo(best).Within(1e-6 * best), $"seed {seed}");
            if (Plain(vectors, seed) > 1.5 * best) stuck++;
        }

        Assert.That(stuck, Is.Positive, "the draws matter here: with plain k-means++ some seeds stay in a bad optimum");
    }

    // The sum of distances that Lloyd's iterations reach from centres that are each drawn once in proportion to the squared distances.
    private static double Plain(float[] values, ulong seed)
    {
        float[][] vectors = [.. values.Chunk(3)];
        Generator random = new(seed);
        List<double[]> centres = [[.. vectors[random.Next(vectors.Length)].Select(v => (double)v)]];
        while (centres.Count < 5)
        {
            double[] distances = [.. vectors.Select(v => centres.Min(c => Distance(v, c)))];
            double left = random.NextDouble() * distances.Sum();
            centres.Add([.. vectors[Math.Max(0, Array.FindIndex(distances, d => (left -= d) < 0))].Select(v => (double)v)]);
        }

        for (int i = 0; i < 20; i++)
            centres = [.. vectors.GroupBy(v => centres.MinBy(c => Distance(v, c))!).Select(own => Enumerable.Range(0, 3).Select(j => own.Average(v => (double)v[j])).ToArray())];
        return vectors.Sum(v => centres.Min(c => Distance(v, c)));
    }

    private static double Distance(float[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    [Test]
    public void Centres_are_the_means_of_their_groups()
    {
        float[] vectors = Blobs(3000);
        KMeans means = KMeans.Fit(vectors, 3, 5, seed: 1);
        int[] nearest = [.. Middles.Select(middle => means.Nearest(middle))];
        Assert.That(nearest, Is.Unique);
        double inertia = 0;
        for (int g = 0; g < 5; g++)
        {
            float[][] own = [.. vectors.Chunk(3).Where((_, i) => i % 5 == g)];
            double[] mean = [.. Enumerable.Range(0, 3).Select(j => own.Average(v => (double)v[j]))];
            Assert.That(means.Centre(nearest[g]).ToArray(), Is.EqualTo(mean).Within(1e-5));
            inertia += own.Sum(v => v.Zip(mean, (a, b) => (a - b) * (a - b)).Sum());
        }

        Assert.That(means.Inertia, Is.EqualTo(inertia).Within(1e-4 * inertia));
    }

    [Test]
    public void The_same_seed_gives_the_same_bits_and_a_file_keeps_them()
    {
        string path = Path.GetTempFileName();
        try
        {
            float[] vectors = Blobs(2500);
            KMeans means = KMeans.Fit(vectors, 3, 40, seed: 7), again = KMeans.Fit(vectors, 3, 40, seed: 7);
            means.Save(path);
            KMeans loaded = KMeans.Load(path);
            for (int k = 0; k < 40; k++)
            {
                Assert.That(again.Centre(k).ToArray(), Is.EqualTo(means.Centre(k).ToArray()));
                Assert.That(loaded.Centre(k).ToArray(), Is.EqualTo(means.Centre(k).ToArray()));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestCase(3, 5), TestCase(17, 33), TestCase(1, 4)]
    public void The_sum_of_distances_never_rises(int dimension, int clusters)
    {
        float[] vectors = Noise(700 * dimension, 3);
        double before = double.PositiveInfinity;
        int iterations = KMeans.Fit(vectors, dimension, clusters, seed: 2, restarts: 1).Iterations;
        for (int most = 1; most <= iterations; most++)
        {
            KMeans means = KMeans.Fit(vectors, dimension, clusters, seed: 2, maxIterations: most, restarts: 1);
            Assert.That(means.Inertia, Is.LessThanOrEqualTo(before * (1 + 1e-6)));
            before = means.Inertia;
        }

        Assert.That(iterations, Is.GreaterThan(3));
    }

    [Test]
    public void More_starts_never_give_a_larger_sum()
    {
        float[] vectors = Noise(2000, 4);
        double[] inertias = [.. Enumerable.Range(1, 6).Select(restarts => KMeans.Fit(vectors, 2, 25, seed: 5, restarts: restarts).Inertia)];
        Assert.That(inertias, Is.Ordered.Descending);
        Assert.That(inertias[^1], Is.LessThan(inertias[0]));
    }

    // Far from zero, where the products that choose candidates round away what tells the centres apart; with ties, and numbers whose squares are no longer finite.
    [TestCase(1f, 0f), TestCase(1f, 1e4f), TestCase(1e-3f, 1e5f), TestCase(1e18f, 0f), TestCase(1e25f, 0f)]
    public void The_nearest_of_many_is_that_of_comparing_all(float scale, float offset)
    {
        const int Dimension = 13;
        float[] centres = Placed(Noise(37 * Dimension, 5)), vectors = Placed(Noise(611 * Dimension, 6));
        centres.AsSpan(0, Dimension).CopyTo(centres.AsSpan(20 * Dimension));
        centres.AsSpan(0, 5 * Dimension).CopyTo(vectors);
        int[] nearest = new int[611];
        float[] distances = new float[611];
        new NearestCentres(centres, Dimension).FindAll(vectors, nearest, distances);
        for (int i = 0; i < 611; i++)
        {
            float[] all = [.. Enumerable.Range(0, 37).Select(k => VectorMath.SquaredDistance(vectors.AsSpan(i * Dimension, Dimension), centres.AsSpan(k * Dimension, Dimension)))];
            Assert.That((nearest[i], distances[i]), Is.EqualTo((Array.IndexOf(all, all.Min()), all.Min())));
        }

        float[] Placed(float[] values) => [.. values.Select(v => v * scale + offset)];
    }

    [Test]
    public void A_centre_without_vectors_moves_to_the_farthest()
    {
        // Two groups and one vector far from both, which greedy draws take at once; with all centres in the first group, Lloyd would leave one of them empty.
        float[] vectors = [0, 0.1f, 0.2f, 10, 10.1f, 10.2f, 100];
        for (ulong seed = 0; seed < 20; seed++)
        {
            KMeans means = KMeans.Fit(vectors, 1, 3, seed);
            Assert.That(Enumerable.Range(0, 3).Select(k => means.Centre(k)[0]).Order(), Is.EqualTo(new[] { 0.1f, 10.1f, 100 }).Within(1e-5));
        }
    }

    private static float[] Noise(int count, ulong seed)
    {
        Generator random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    [Test]
    public void As_many_centres_as_vectors_are_the_vectors()
    {
        float[] vectors = [1, 2, 3, 5, 8, 13];
        KMeans means = KMeans.Fit(vectors, 2, 3, seed: 1);
        Assert.That(means.Inertia, Is.Zero);
        Assert.That(Enumerable.Range(0, 3).Select(k => means.Centre(k)[0]), Is.EquivalentTo(new[] { 1f, 3f, 8f }));
        Assert.That(means.Centre(means.Nearest([8.4f, 12])).ToArray(), Is.EqualTo(new[] { 8f, 13f }));
    }

    [Test]
    public void Errors_say_what_is_wrong()
    {
        Assert.That(() => KMeans.Fit(new float[10], 3, 2, 1), Throws.TypeOf<ShapeException>().With.Message.Contains("10 numbers").And.Message.Contains("3"));
        Assert.That(() => KMeans.Fit(new float[9], 3, 4, 1), Throws.ArgumentException.With.Message.Contains("3 vectors").And.Message.Contains("4 centres"));
        Assert.That(() => KMeans.Fit(new float[9], 3, 2, 1), Throws.ArgumentException.With.Message.Contains("only 1 of the 3 vectors differ"));
        Assert.That(() => KMeans.Fit((float[])[1, float.NaN], 1, 1, 1), Throws.ArgumentException.With.Message.Contains("NaN"));
        Assert.That(() => KMeans.Fit((float[])[1, 2], 1, 1, 1).Nearest([1, 2]), Throws.TypeOf<ShapeException>().With.Message.Contains("2 numbers"));
    }
}
