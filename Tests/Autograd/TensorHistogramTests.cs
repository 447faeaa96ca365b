using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

/// <summary>How numbers are spread over buckets.</summary>
[InTensorScope]
public sealed class TensorHistogramTests
{
    [Test]
    public void Every_finite_number_is_in_the_bucket_between_its_limits()
    {
        float[] values = [.. Enumerable.Range(0, 500).Select(i => MathF.Sin(i) * i), float.NaN, float.NegativeInfinity];
        TensorHistogram histogram = TensorHistogram.Of(Tensor.From(values), 20);
        Assert.That((histogram.Count, histogram.NotFinite, histogram.Counts.Count), Is.EqualTo((500, 2, 20)));
        for (int i = 0; i < 20; i++)
        {
            double from = i == 0 ? histogram.Min : histogram.Limit(i - 1);
            Assert.That(histogram.Counts[i], Is.EqualTo(values.Count(v => v >= from && (v < histogram.Limit(i) || (i == 19 && v == histogram.Max)))), $"bucket {i}");
        }

        double[] finite = [.. values[..500].Select(v => (double)v)];
        double mean = finite.Average();
        Assert.That((histogram.Mean, histogram.Deviation), Is.EqualTo((mean, Math.Sqrt(finite.Average(v => (v - mean) * (v - mean))))).Using<(double, double)>((a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-9));
    }

    [Test]
    public void The_largest_numbers_do_not_overflow()
        => Assert.That(TensorHistogram.Of<double>([double.MinValue, -0.5e308, 0.5e308, double.MaxValue], 4).Counts, Is.EqualTo(new[] { 1, 1, 1, 1 }));

    [Test]
    public void Equal_numbers_have_one_bucket_and_none_have_none()
    {
        Assert.That(TensorHistogram.Of(Tensor.Full([9], 4, DType.Int64)).Counts, Is.EqualTo(new[] { 9 }));
        Assert.That(TensorHistogram.Of<float>([float.NaN]) is { Counts.Count: 0, NotFinite: 1, Min: double.NaN });
    }
}
