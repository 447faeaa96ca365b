namespace Gradwright.Training;

/// <summary>The share of samples whose highest score is that of the right class.</summary>
public sealed class Accuracy : MeanMetric
{
    public override string Name => "accuracy";

    /// <param name="prediction">Scores or probabilities, [batch, classes].</param>
    /// <param name="target">The right classes, Int64 [batch].</param>
    public override void Update(Tensor prediction, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        if (prediction.Rank != 2 || target.Rank != 1 || prediction.Shape[0] != target.Shape[0])
            throw new ShapeException($"Accuracy: predictions {prediction.Shape} must be [batch, classes] and targets {target.Shape} [batch], with equal batches.");
        Tensor right = prediction.ArgMax(1).EqualTo(target);
        Add(right.CountNonzero().ToDouble(), target.Count);
    }

    public override string Format(double value) => $"{100 * value:0.00} %";
}
