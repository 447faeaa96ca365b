namespace Gradwright.Training;

/// <summary>
/// The share of samples whose right class is among the k classes with the highest scores. Of equal scores the earlier class counts as the higher one, so that
/// k = 1 is <see cref="Accuracy"/>; a sample whose right class has a NaN score is wrong.
/// </summary>
public sealed class TopKAccuracy : MeanMetric
{
    private readonly int _k;

    /// <param name="k">How many guesses a sample has, 1 or more; 5 is customary for a thousand classes.</param>
    public TopKAccuracy(int k = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        _k = k;
    }

    public override string Name => $"top-{_k} accuracy";

    /// <param name="prediction">Scores or probabilities, [batch, classes], at least k classes.</param>
    /// <param name="target">The right classes, Int64 [batch].</param>
    public override void Update(Tensor prediction, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        if (prediction.Rank != 2 || target.Rank != 1 || prediction.Shape[0] != target.Shape[0])
            throw new ShapeException($"TopKAccuracy: predictions {prediction.Shape} must be [batch, classes] and targets {target.Shape} [batch], with equal batches.");
        int classes = (int)prediction.Shape[1];
        if (classes < _k)
            throw new ShapeException($"TopKAccuracy: predictions {prediction.Shape} have {classes} classes, fewer than k = {_k}, so every sample would be right. Use a smaller k.");
        double[] scores = HostValues.Numbers(prediction);
        long[] targets = HostValues.Integers(target);
        long right = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            if ((ulong)targets[i] >= (ulong)classes)
                throw new ArgumentException($"TopKAccuracy: target {i} is class {targets[i]}, but predictions {prediction.Shape} have the classes 0 to {classes - 1}.", nameof(target));
            if (IsAmongHighest(scores.AsSpan(i * classes, classes), (int)targets[i])) right++;
        }

        Add(right, targets.Length);
    }

    public override string Format(double value) => $"{100 * value:0.00} %";

    private bool IsAmongHighest(ReadOnlySpan<double> scores, int target)
    {
        double own = scores[target];
        int higher = 0;
        for (int i = 0; i < scores.Length; i++)
            if (scores[i] > own || (scores[i] == own && i < target)) higher++;
        return higher < _k && !double.IsNaN(own);
    }
}
