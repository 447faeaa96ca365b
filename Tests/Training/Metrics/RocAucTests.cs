using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

[InTensorScope]
public sealed class RocAucTests
{
    [TestCase(new[] { 0.1, 0.4, 0.35, 0.8 }, new[] { 0L, 0, 1, 1 }, 3 / 4.0, TestName = "Three_of_four_pairs_are_in_order")]
    [TestCase(new[] { 0.5, 0.5, 0.5 }, new[] { 0L, 1, 1 }, 0.5, TestName = "Equal_scores_count_half")]
    [TestCase(new[] { 3.0, 2, 1 }, new[] { 1L, 0, 0 }, 1, TestName = "Perfect_order_is_one")]
    [TestCase(new[] { 1.0, 2 }, new[] { 1L, 1 }, double.NaN, TestName = "One_class_alone_has_no_area")]
    [TestCase(new[] { 1.0, double.NaN, 3 }, new[] { 1L, 0, 1 }, double.NaN, TestName = "NaN_has_no_rank")]
    public void Area(double[] scores, long[] targets, double expected)
    {
        RocAuc metric = new();
        metric.Update(Tensor.From(scores), Tensor.From(targets));
        Assert.That(metric.Value, Is.EqualTo(expected).Within(1e-15));
    }

    [Test]
    public void Areas_are_the_share_of_pairs_in_order()
    {
        const int Samples = 60, Classes = 3;
        Generator random = new(5);
        double[] logits = new double[Samples * Classes];
        for (int i = 0; i < logits.Length; i++) logits[i] = Math.Round(4 * random.NextDouble(), 1);     // with ties
        long[] targets = [.. Enumerable.Range(0, Samples).Select(i => (long)(i % Classes))];
        RocAuc metric = new(Classes);
        Tensor scores = Tensor.From(logits, [Samples, Classes]);
        metric.Update(scores[..20], Tensor.From(targets[..20]));
        metric.Update(scores[20..], Tensor.From(targets[20..]));
        double[] expected = [.. Enumerable.Range(0, Classes).Select(c => PairsInOrder(i => Probability(logits.AsSpan(i * Classes, Classes), c), [.. targets.Select(t => t == c)]))];
        Assert.That(metric.PerClass, Is.EqualTo(expected).Within(1e-12));
        Assert.That(metric.Value, Is.EqualTo(expected.Average()).Within(1e-12));
    }

    [Test]
    public void Two_columns_are_compared_beyond_the_softmaxs_resolution()
    {
        RocAuc metric = new();
        metric.Update(Tensor.From(new double[,] { { 0, 800 }, { 0, 900 }, { 0, 850 } }), Tensor.From(0L, 1L, 1L));
        Assert.That(metric.Value, Is.EqualTo(1), "all three probabilities are 1 in double precision");
        Assert.That(() => metric.Update(Tensor.Zeros([3, 4]), Tensor.From(0L, 1L, 1L)), Throws.TypeOf<ShapeException>().With.Message.Contains("[batch, 2]"));
        Assert.That(() => metric.Update(Tensor.Zeros([1]), Tensor.From(7L)), Throws.ArgumentException.With.Message.Contains("class 7"));
    }

    // Rounded, so that what is equal on paper is equal here.
    private static double Probability(ReadOnlySpan<double> logits, int c)
    {
        double sum = 0;
        foreach (double logit in logits) sum += Math.Exp(logit);
        return Math.Round(Math.Exp(logits[c]) / sum, 12);
    }

    private static double PairsInOrder(Func<int, double> score, bool[] isOwn)
    {
        double inOrder = 0, pairs = 0;
        for (int i = 0; i < isOwn.Length; i++)
            for (int j = 0; j < isOwn.Length; j++)
            {
                if (!isOwn[i] || isOwn[j]) continue;
                pairs++;
                inOrder += score(i) > score(j) ? 1 : score(i) == score(j) ? 0.5 : 0;
            }

        return inOrder / pairs;
    }
}
