namespace Gradwright.Training;

/// <summary>What the metrics of numbers have in common.</summary>
internal static class Regression
{
    /// <summary>Predictions and targets as doubles, one for one.</summary>
    public static (double[] Predictions, double[] Targets) Values(string metric, Tensor prediction, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        if (prediction.Shape != target.Shape)
            throw new ShapeException($"{metric}: predictions {prediction.Shape} and targets {target.Shape} must have the same shape. Reshape the targets to the model's output.");
        return (HostValues.Numbers(prediction), HostValues.Numbers(target));
    }
}
