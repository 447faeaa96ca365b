using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

public sealed class CrossValidationTests
{
    private static readonly (long[] Train, long[] Validation)[] _folds = [([2, 3, 4], [0, 1]), ([0, 1, 4], [2, 3]), ([0, 1, 2, 3], [4])];

    [Test]
    public void Mean_and_deviation_are_those_of_the_folds_values()
    {
        double[] samples = [1, 3, 5, 7, 9];
        // A "model" that is the mean of what it has seen.
        CrossValidationResult result = CrossValidation.Run(_folds, fold =>
        {
            double mean = fold.Train.Average(i => samples[i]);
            return new Dictionary<string, double> { ["error"] = fold.Validation.Average(i => Math.Abs(samples[i] - mean)), ["size"] = fold.Train.Length };
        });
        double[] errors = [5, (2 / 3.0 + 8 / 3.0) / 2, 5];         // means of 7, 13/3 and 4
        Assert.That(result.Values("error"), Is.EqualTo(errors).Within(1e-15));
        Assert.That(result.Mean("error"), Is.EqualTo(errors.Average()).Within(1e-15));
        Assert.That(result.Deviation("size"), Is.EqualTo(Math.Sqrt(1 / 3.0)).Within(1e-15), "3, 3 and 4 differ from 10/3");
        Assert.That(result.ToString(), Does.Contain("size 3.3333 ± 0.5774"));
        Assert.That(() => result.Mean("accuracy"), Throws.ArgumentException.With.Message.Contains("error, size"));
    }

    [Test]
    public void Metrics_may_be_given_as_they_are()
    {
        CrossValidationResult result = CrossValidation.Run(_folds, fold =>
        {
            using TensorScope scope = new();
            MeanAbsoluteError error = new();
            error.Update(Tensor.From((double)fold.Train.Length), Tensor.From(0.0));
            return (IReadOnlyList<Metric>)[error];
        });
        Assert.That(result.Values("mean absolute error"), Is.EqualTo(new double[] { 3, 3, 4 }));
    }

    [Test]
    public void One_fold_and_folds_that_measure_different_things_are_refused()
    {
        Assert.That(() => CrossValidation.Run(_folds[..1], _ => new Dictionary<string, double>()), Throws.ArgumentException.With.Message.Contains("two or more folds"));
        int calls = 0;
        Assert.That(() => CrossValidation.Run(_folds, _ => new Dictionary<string, double> { [$"{calls++}"] = 1 }), Throws.InvalidOperationException.With.Message.Contains("fold 2 gave 1, but fold 1 gave 0"));
    }
}
