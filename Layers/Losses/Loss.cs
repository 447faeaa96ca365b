namespace Gradwright.Layers;

/// <summary>Losses: what a prediction costs, as one number (or one per sample).</summary>
public static class Loss
{
    /// <summary>−ln softmax(logits)[target], from logits [n, classes, …] and Int64 classes [n, …]; stable for any logits.</summary>
    /// <param name="logits">Scores before the softmax.</param>
    /// <param name="targets">The right classes.</param>
    /// <param name="weights">A weight per class, [classes].</param>
    /// <param name="ignoreIndex">Samples with this target count nothing.</param>
    /// <param name="labelSmoothing">Share of the target's probability that is spread over all classes.</param>
    /// <param name="reduction">Mean over the samples by default.</param>
    public static Tensor CrossEntropy(Tensor logits, Tensor targets, Tensor? weights = null, long ignoreIndex = -100, double labelSmoothing = 0, Reduction reduction = Reduction.Mean)
        => logits.CrossEntropy(targets, weights, ignoreIndex, labelSmoothing, reduction);

    /// <summary>(prediction − target)², of equal shapes.</summary>
    /// <exception cref="ShapeException">The shapes differ: broadcasting here hides mistakes.</exception>
    public static Tensor MeanSquaredError(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        if (prediction.Shape != target.Shape)
            throw new ShapeException($"MeanSquaredError: the prediction {prediction.Shape} and the target {target.Shape} must have the same shape. Reshape or Unsqueeze one of them.");
        return Reduce((prediction - target).Square(), reduction);
    }

    private static Tensor Reduce(Tensor losses, Reduction reduction) => reduction switch
    {
        Reduction.None => losses,
        Reduction.Sum => losses.Sum(),
        _ => losses.Mean(),
    };
}
