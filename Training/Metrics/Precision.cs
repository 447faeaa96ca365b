namespace Gradwright.Training;

/// <summary>Of the samples that were given a class, the share to which it belongs: hits / (hits + false alarms).</summary>
/// <inheritdoc cref="ConfusionMetric(int, ClassAverage, double, long)" path="/param"/>
public sealed class Precision(int classes = 2, ClassAverage average = ClassAverage.Macro, double threshold = 0.5, long ignoreIndex = ConfusionMetric.NoClass)
    : ConfusionMetric(classes, average, threshold, ignoreIndex)
{
    protected override string Measured => "precision";

    protected override double MeasureCore(ClassCounts counts) => Share(counts.Hits, counts.Hits + counts.FalseAlarms);
}
