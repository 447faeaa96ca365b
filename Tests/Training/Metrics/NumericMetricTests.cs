using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Errors, explained variance and perplexity of numbers that can be worked out on paper.</summary>
[InTensorScope]
public sealed class NumericMetricTests
{
    [Test]
    public void Errors_are_means_over_all_elements()
    {
        Tensor y = Tensor.From(new float[,] { { 1, 2 }, { 3, 8 } }), t = Tensor.From(new float[,] { { 1, 4 }, { 2, 4 } });
        Assert.That(Updated(new MeanAbsoluteError(), y, t).Value, Is.EqualTo(7 / 4.0));
        Assert.That(Updated(new MeanSquaredError(), y, t).Value, Is.EqualTo(21 / 4.0));
        Assert.That(() => new MeanSquaredError().Update(y, t.Reshape(4)), Throws.TypeOf<ShapeException>().With.Message.Contains("[2, 2]").And.Message.Contains("[4]"));
    }

    [TestCase(DType.Float16), TestCase(DType.BFloat16), TestCase(DType.Float64), TestCase(DType.Int64)]
    public void Any_element_type_will_do(DType type)
    {
        Tensor y = Tensor.From(1f, 2, 4).Cast(type), t = Tensor.From(1f, 3, 2);
        Assert.That(Updated(new MeanSquaredError(), y, t).Value, Is.EqualTo(5 / 3.0));
    }

    [Test]
    public void R_squared_is_one_for_truth_zero_for_the_mean_and_NaN_without_spread()
    {
        Tensor t = Tensor.From(1.0, 2, 3, 6);
        Assert.That(Updated(new RSquared(), t, t).Value, Is.EqualTo(1));
        Assert.That(Updated(new RSquared(), Tensor.From(3.0, 3, 3, 3), t).Value, Is.EqualTo(0).Within(1e-15));
        Assert.That(Updated(new RSquared(), Tensor.From(1.0, 2, 3, 4), t).Value, Is.EqualTo(1 - 4 / 14.0).Within(1e-15));
        Assert.That(Updated(new RSquared(), t, Tensor.From(5.0, 5, 5, 5)).Value, Is.NaN);
    }

    [Test]
    public void R_squared_of_batches_is_that_of_the_whole_also_far_from_zero()
    {
        const int Samples = 40;
        Generator random = new(3);
        double[] targets = new double[2 * Samples], predictions = new double[2 * Samples];
        for (int i = 0; i < targets.Length; i++) (targets[i], predictions[i]) = (1e8 + random.NextDouble(), 1e8 + random.NextDouble());
        RSquared batches = new();
        foreach (int start in (int[])[0, 16, 32])
        {
            int count = Math.Min(16, Samples - start);
            batches.Update(Tensor.From(predictions[(2 * start)..(2 * (start + count))], [count, 2]), Tensor.From(targets[(2 * start)..(2 * (start + count))], [count, 2]));
        }

        double expected = Enumerable.Range(0, 2).Average(output =>
        {
            double[] t = [.. targets.Where((_, i) => i % 2 == output).Select(v => v - 1e8)], y = [.. predictions.Where((_, i) => i % 2 == output).Select(v => v - 1e8)];
            return 1 - t.Zip(y, (a, b) => (a - b) * (a - b)).Sum() / t.Sum(v => (v - t.Average()) * (v - t.Average()));
        });
        Assert.That(batches.Value, Is.EqualTo(expected).Within(1e-6));
        RSquared copy = new() { State = batches.State };
        Assert.That(copy.Value, Is.EqualTo(batches.Value));
        Assert.That(() => copy.Update(Tensor.Zeros([4]), Tensor.Zeros([4])), Throws.TypeOf<ShapeException>().With.Message.Contains("1 outputs").And.Message.Contains("had 2"));
    }

    [Test]
    public void Perplexity_is_the_number_of_equally_likely_tokens()
    {
        Perplexity metric = new(ignoreIndex: 0);
        metric.Update(Tensor.Zeros([2, 7, 3]), Tensor.From([1L, 2, 0, 6, 0, 0], [2, 3]));
        Assert.That(metric.Value, Is.EqualTo(7).Within(1e-5));
        Assert.That(metric.State[1], Is.EqualTo(3), "padding counts nothing");
        metric.Update(Tensor.From(new float[,] { { 0, 100 } }), Tensor.From(1L));
        Assert.That(metric.Value, Is.EqualTo(Math.Pow(7, 3 / 4.0)).Within(1e-5));
        Assert.That(new MeanLoss((y, t) => y).HigherIsBetter || metric.HigherIsBetter, Is.False);
    }

    private static T Updated<T>(T metric, Tensor prediction, Tensor target) where T : Metric
    {
        metric.Update(prediction, target);
        return metric;
    }
}
