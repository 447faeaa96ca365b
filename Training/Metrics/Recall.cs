namespace Gradwright.Training;

/// <summary>Of the samples of a class, the share that was given it: hits / (hits + misses).</summary>
/// <inheritdoc cref="ConfusionMetric(int, ClassAverage, double, long)" path="/param"/>
public sealed class Recall(int classes = 2, ClassAverage average = ClassAverage.Macro, double threshold = 0.5, long ignoreIndex = ConfusionMetric.NoClass)
    : ConfusionMetric(classes, average, threshold, ignoreIndex)
{
    protected override string Measured => "recall";

    protected override double MeasureCore(ClassCounts counts) => Share(counts.Hits, counts.Targets);
}
