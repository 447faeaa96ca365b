using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Principal components against covariances that are computed here in double precision.</summary>
[InTensorScope]
public sealed class PrincipalComponentsTests
{
    private const int Count = 400, Features = 12;

    // Correlated values with a large mean: normal numbers, mixed.
    private static float[] Numbers()
    {
        Generator random = new(5);
        double[] mixing = [.. Enumerable.Range(0, Features * Features).Select(_ => random.NextNormal())];
        float[] values = new float[Count * Features];
        for (int s = 0; s < Count; s++)
        {
            double[] source = [.. Enumerable.Range(0, Features).Select(_ => random.NextNormal())];
            for (int i = 0; i < Features; i++) values[s * Features + i] = (float)(3 + Enumerable.Range(0, Features).Sum(j => mixing[i * Features + j] * source[j]));
        }

        return values;
    }

    private static ArrayDataset<float, long> Dataset(Shape shape) => new(Numbers(), shape, Enumerable.Range(0, Count).Select(i => (long)i).ToArray(), []);

    private static float[][] Rows(IDataset data)
    {
        using DataLoader loader = new(data, (int)data.Count);
        Batch batch = loader.First();
        Assert.That(batch.Target.ToArray<long>(), Is.EqualTo(Enumerable.Range(0, (int)data.Count).Select(i => (long)i)), "targets stay with their samples");
        return [.. batch.Input.ToArray<float>().Chunk((int)data.Input.Shape.Count)];
    }

    private static double[] Covariance(float[][] rows)
    {
        int n = rows[0].Length;
        double[] mean = [.. Enumerable.Range(0, n).Select(i => rows.Average(row => (double)row[i]))];
        return [.. from i in Enumerable.Range(0, n) from j in Enumerable.Range(0, n) select rows.Sum(row => (row[i] - mean[i]) * (row[j] - mean[j])) / (rows.Length - 1)];
    }

    private static double[] Diagonal(IEnumerable<double> values)
    {
        double[] diagonal = [.. values], matrix = new double[diagonal.Length * diagonal.Length];
        for (int i = 0; i < diagonal.Length; i++) matrix[i * (diagonal.Length + 1)] = diagonal[i];
        return matrix;
    }

    [Test]
    public void Two_features_have_the_directions_that_are_worked_out_by_hand()
    {
        // Around (1, 1): ±(2, 2) and ±(−1, 1). Covariance [[10, 6], [6, 10]] / 3: variances 16/3 and 4/3 along (1, 1)/√2 and (1, −1)/√2.
        float[] values = [3, 3, -1, -1, 0, 2, 2, 0];
        PrincipalComponents pca = PrincipalComponents.Fit(new ArrayDataset<float, long>(values, [2], new long[4], []), 2);
        double half = Math.Sqrt(0.5);
        Assert.That(pca.Mean.ToArray(), Is.EqualTo(new[] { 1f, 1f }));
        Assert.That(pca.Variances.ToArray(), Is.EqualTo(new[] { 16 / 3f, 4 / 3f }).Within(1e-5));
        Assert.That(pca.ExplainedRatios, Is.EqualTo(new[] { 0.8, 0.2 }).Within(1e-6));
        Assert.That(pca.Direction(0).ToArray(), Is.EqualTo(new[] { half, half }).Within(1e-6));
        Assert.That(Math.Abs(pca.Direction(1)[0] + pca.Direction(1)[1]), Is.LessThan(1e-6));
        Assert.That(pca.Transform([3, 3])[0], Is.EqualTo(Math.Sqrt(8)).Within(1e-5));
    }

    [Test]
    public void Scores_are_uncorrelated_and_vary_as_the_variances_say()
    {
        ArrayDataset<float, long> data = Dataset([Features]);
        PrincipalComponents pca = PrincipalComponents.Fit(data, Features);
        Values.AssertClose(Covariance(Rows(pca.Encode(data))), Diagonal(pca.Variances.ToArray().Select(v => (double)v)), 1e-5, "covariance of scores");
        Assert.That(pca.ExplainedRatios.Sum(), Is.EqualTo(1.0).Within(1e-5));
        Assert.That(pca.Variances.ToArray(), Is.Ordered.Descending);
        double[] products = [.. from i in Enumerable.Range(0, Features) from j in Enumerable.Range(0, Features) select pca.Direction(i).ToArray().Zip(pca.Direction(j).ToArray(), (a, b) => (double)a * b).Sum()];
        Values.AssertClose(products, Diagonal(Enumerable.Repeat(1.0, Features)), 1e-6, "directions are orthonormal");
        for (int i = 0; i < Features; i++) Assert.That(pca.Direction(i).ToArray().MaxBy(Math.Abs), Is.Positive, "sign");
    }

    // 300 values, more than there are samples and than a block of the covariance has rows, of variances 1, 1/2, 1/4 … along three directions and noise.
    [Test]
    public void Few_samples_of_many_values_have_the_covariance_of_their_scores()
    {
        Generator random = new(8);
        const int Size = 300, Samples = 60;
        float[] x = [.. Enumerable.Range(0, Samples).SelectMany(_ =>
        {
            (double a, double b) = (random.NextNormal(), random.NextNormal());
            return Enumerable.Range(0, Size).Select(i => (float)(100 + a * Math.Sin(i) + b * Math.Cos(i) / 2 + 0.01 * random.NextNormal()));
        })];
        ArrayDataset<float, long> data = new(x, [Size], Enumerable.Range(0, Samples).Select(i => (long)i).ToArray(), []);
        PrincipalComponents pca = PrincipalComponents.Fit(data, Samples - 1);
        Assert.That(pca.ExplainedRatios.Sum(), Is.EqualTo(1.0).Within(1e-5), "one direction less than there are samples holds everything");
        Assert.That(pca.ExplainedRatios.Take(2).Sum(), Is.GreaterThan(0.99));
        Values.AssertClose(Covariance(Rows(pca.Encode(data))), Diagonal(pca.Variances.ToArray().Select(v => (double)v)), 1e-4, "covariance of scores");
        // With every sample twice there are directions that do not vary, which the samples' products cannot tell.
        PrincipalComponents twice = PrincipalComponents.Fit(data, [.. Enumerable.Range(0, 120).Select(i => (long)(i / 2))], 70);
        Assert.That(twice.Variances[58] / twice.Variances[59], Is.GreaterThan(1e3f));
        for (int i = 0; i < 59; i++) Assert.That(twice.Variances[i], Is.EqualTo(pca.Variances[i] * 118 / 119).Within(1e-5 * twice.Variances[0]));
        double[] products = [.. from i in Enumerable.Range(0, 70) from j in Enumerable.Range(0, 70) select twice.Direction(i).ToArray().Zip(twice.Direction(j).ToArray(), (a, b) => (double)a * b).Sum()];
        Values.AssertClose(products, Diagonal(Enumerable.Repeat(1.0, 70)), 1e-6, "directions are orthonormal");
    }

    [Test]
    public void All_directions_restore_a_sample_and_fewer_lose_the_variance_of_the_others()
    {
        ArrayDataset<float, long> data = Dataset([Features]);
        PrincipalComponents all = PrincipalComponents.Fit(data, Features), some = PrincipalComponents.Fit(data, 5);
        float[][] rows = Rows(data);
        Assert.That(all.Restore(all.Transform(rows[7])), Is.EqualTo(rows[7]).Within(1e-4));
        double lost = rows.Sum(row => some.Restore(some.Transform(row)).Zip(row, (a, b) => ((double)a - b) * (a - b)).Sum()) / (Count - 1);
        Assert.That(lost, Is.EqualTo(all.Variances[5..].ToArray().Sum()).Within(1e-3 * lost));
    }

    [Test]
    public void Whitening_gives_the_covariance_one_and_zca_keeps_samples_upright()
    {
        ArrayDataset<float, long> data = Dataset([3, 2, 2]);
        PrincipalComponents pca = PrincipalComponents.Fit(data, Features);
        Whitening whitening = new(pca, epsilon: 0);
        double[] one = Diagonal(Enumerable.Repeat(1.0, Features));
        Values.AssertClose(Covariance(Rows(whitening.Encode(data))), one, 1e-3, "PCA whitening");
        float[][] rows = Rows(data), zca = [.. rows.Select(row => whitening.Zca(row))];
        Values.AssertClose(Covariance(zca), one, 1e-3, "ZCA whitening");

        // Of all white values those of ZCA are closest to the sample: W is symmetric and positive, so x and W·x correlate.
        double[] unit = [.. Enumerable.Range(0, Features).SelectMany(i => Column(i))];
        for (int i = 0; i < Features; i++)
        {
            Assert.That(unit[i * (Features + 1)], Is.Positive);
            for (int j = 0; j < i; j++) Assert.That(unit[i * Features + j], Is.EqualTo(unit[j * Features + i]).Within(1e-3));
        }

        IEnumerable<double> Column(int i)
        {
            float[] x = pca.Mean.ToArray();
            x[i]++;
            return whitening.Zca(x).Select(v => (double)v);
        }
    }

    [Test]
    public void Epsilon_is_added_to_each_variance()
    {
        ArrayDataset<float, long> data = Dataset([Features]);
        PrincipalComponents pca = PrincipalComponents.Fit(data, 4);
        float[] x = Rows(data)[3], scores = pca.Transform(x);
        Assert.That(new Whitening(pca, 0.5).Pca(x), Is.EqualTo(scores.Select((s, i) => s / Math.Sqrt(pca.Variances[i] + 0.5))).Within(1e-5));
    }

    [Test]
    public void A_loader_whitens_pictures_and_flat_samples_alike()
    {
        ArrayDataset<float, long> data = Dataset([3, 2, 2]);
        Whitening whitening = new(PrincipalComponents.Fit(data, Features), 0.01);
        using DataLoader pictures = new(data, Count, whitening.ToZca()), flat = new(Dataset([Features]), Count, transform: whitening.ToSampleTransform());
        Assert.That(pictures.Input.Shape.Span.ToArray(), Is.EqualTo(new long[] { 3, 2, 2 }));
        float[] expected = [.. Rows(data).SelectMany(row => whitening.Zca(row))];
        Assert.That(pictures.First().Input.ToArray<float>(), Is.EqualTo(expected));
        Assert.That(flat.First().Input.ToArray<float>(), Is.EqualTo(expected));
    }

    [Test]
    public void Only_the_training_samples_are_learned_from()
    {
        float[] values = Numbers();
        long[] training = [.. Enumerable.Range(0, 100).Select(i => 4L * i)];
        PrincipalComponents first = PrincipalComponents.Fit(Dataset([Features]), training, 3);
        for (int i = 0; i < values.Length; i++)
            if (i / Features % 4 != 0) values[i] = 1e6f;
        PrincipalComponents second = PrincipalComponents.Fit(new ArrayDataset<float, long>(values, [Features], new long[Count], []), training, 3);
        Assert.That(second.Transform(values.AsSpan(0, Features)), Is.EqualTo(first.Transform(values.AsSpan(0, Features))));
    }

    [Test]
    public void What_was_saved_is_loaded_to_the_bit()
    {
        using TemporaryFolder folder = new();
        ArrayDataset<float, long> data = Dataset([Features]);
        PrincipalComponents pca = PrincipalComponents.Fit(data, 5);
        pca.Save(folder["pca.json"]);
        PrincipalComponents loaded = PrincipalComponents.Load(folder["pca.json"]);
        float[] x = Rows(data)[11];
        Assert.That(loaded.Transform(x), Is.EqualTo(pca.Transform(x)));
        Assert.That(loaded.Restore(loaded.Transform(x)), Is.EqualTo(pca.Restore(pca.Transform(x))));
        Assert.That(loaded.ExplainedRatios, Is.EqualTo(pca.ExplainedRatios));
        Whitening whitening = new(pca, 0.03);
        whitening.Save(folder["whitening.json"]);
        Assert.That(Whitening.Load(folder["whitening.json"]).Zca(x), Is.EqualTo(whitening.Zca(x)));
        Assert.That(() => Whitening.Load(folder["pca.json"]), Throws.TypeOf<FittedFileException>().With.Message.Contains("it is gradwright principal components"));
        File.WriteAllText(folder["pca.json"], File.ReadAllText(folder["pca.json"]).Replace("\"mean\"", "\"median\"", StringComparison.Ordinal));
        Assert.That(() => PrincipalComponents.Load(folder["pca.json"]), Throws.TypeOf<FittedFileException>());
    }

    [Test]
    public void Errors_say_what_is_wrong()
    {
        ArrayDataset<float, long> data = Dataset([Features]);
        Assert.That(() => PrincipalComponents.Fit(data, 13), Throws.ArgumentException.With.Message.Contains("at most 12"));
        Assert.That(() => PrincipalComponents.Fit(data, [0, 1, 2], 3), Throws.ArgumentException.With.Message.Contains("at most 2").And.Message.Contains("more samples"));
        Assert.That(() => PrincipalComponents.Fit(data, [4, 4, 4], 1), Throws.ArgumentException.With.Message.Contains("variance of 0"));
        PrincipalComponents pca = PrincipalComponents.Fit(data, 3);
        Assert.That(() => pca.Transform(new float[7]), Throws.TypeOf<ShapeException>().With.Message.Contains("12 values").And.Message.Contains("7"));
        Assert.That(() => pca.Restore(new float[7]), Throws.TypeOf<ShapeException>().With.Message.Contains("3 scores"));
        Assert.That(() => new Whitening(pca, -1), Throws.ArgumentException.With.Message.Contains("-1"));
        Assert.That(() => new Whitening(pca).ToZca().ResultOf(new(1, 5, 5)), Throws.TypeOf<ShapeException>().With.Message.Contains("25"));
    }
}
