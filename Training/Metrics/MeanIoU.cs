namespace Gradwright.Training;

/// <summary>
/// How well regions of a segmentation cover the true ones: for each class the pixels that have it in both over those that have it in either, hits / (hits + misses +
/// false alarms); the mean over the classes that occur.
/// </summary>
/// <param name="classes">How many classes there are, the background included.</param>
/// <param name="ignoreIndex">Pixels with this target count nothing; 255 is customary for unlabelled borders.</param>
public sealed class MeanIoU(int classes, long ignoreIndex = ConfusionMetric.NoClass) : ConfusionMetric(classes, ClassAverage.Macro, 0.5, ignoreIndex)
{
    protected override string Measured => "mean IoU";

    protected override double MeasureCore(ClassCounts counts) => Share(counts.Hits, counts.Hits + counts.Misses + counts.FalseAlarms);
}
