namespace Gradwright.Training;

/// <summary>
/// The harmonic mean of precision and recall, in which recall has β² times the weight: (1 + β²) hits / ((1 + β²) hits + β² misses + false alarms). With β = 1 it
/// is F1.
/// </summary>
public sealed class FScore : ConfusionMetric
{
    private readonly double _beta;

    /// <inheritdoc cref="ConfusionMetric(int, ClassAverage, double, long)" path="/param"/>
    /// <param name="classes"/><param name="average"/><param name="threshold"/><param name="ignoreIndex"/>
    /// <param name="beta">β: how many times as important recall is; positive.</param>
    public FScore(int classes = 2, ClassAverage average = ClassAverage.Macro, double threshold = 0.5, long ignoreIndex = NoClass, double beta = 1)
        : base(classes, average, threshold, ignoreIndex)
    {
        if (!(beta > 0 && double.IsFinite(beta)))
            throw new ArgumentOutOfRangeException(nameof(beta), beta, $"FScore: beta must be positive and finite, but is {beta}. 1 makes precision and recall equally important.");
        _beta = beta;
    }

    protected override string Measured => $"F{_beta}";

    protected override double MeasureCore(ClassCounts counts)
    {
        double square = _beta * _beta, hits = (1 + square) * counts.Hits;
        return Share(hits, hits + square * counts.Misses + counts.FalseAlarms);
    }
}
