using Gradwright.Kernels;

namespace Gradwright.Layers;

public static partial class Loss
{
    /// <summary>
    /// −t ln σ(x) − (1 − t) ln(1 − σ(x)) of logits x, element by element: one yes-or-no question each, as many per sample as there are (multi-label classification).
    /// Accurate for logits of any size, where σ would round to 0 or 1.
    /// </summary>
    /// <param name="logits">Scores before the sigmoid.</param>
    /// <param name="targets">0 to 1, of the same shape and element type.</param>
    /// <param name="weights">Multiplies the losses; stretched to the logits' shape. The mean still divides by the number of elements.</param>
    /// <param name="positiveWeight">Multiplies the term of t = 1, for instance the ratio of negative to positive examples of each class, [classes].</param>
    /// <param name="labelSmoothing">Targets are moved this share of the way to ½.</param>
    /// <param name="reduction">Mean over the elements by default.</param>
    public static Tensor BinaryCrossEntropyWithLogits(Tensor logits, Tensor targets, Tensor? weights = null, Tensor? positiveWeight = null, double labelSmoothing = 0, Reduction reduction = Reduction.Mean)
    {
        const string Operation = nameof(BinaryCrossEntropyWithLogits);
        RequireSameShape(Operation, "logits", logits, "targets", targets);
        RequireShare(Operation, "the label smoothing", labelSmoothing);
        using TensorScope scope = new();
        Tensor t = Smoothed(targets, labelSmoothing);
        if (positiveWeight is not null)
        {
            // p t sp(−x) + (1 − t) sp(x) = u (s sp(−x) + (1 − s) sp(x)) with u = 1 + (p − 1) t and s = p t / u: an element weight and another target.
            RequireStretch(Operation, "positive weights", positiveWeight, logits.Shape);
            Tensor share = positiveWeight * t, u = share + (1 - t);
            t = share / u;
            weights = weights is null ? u : weights * u;
        }

        return TensorScope.Keep(OfElements<LogisticLoss>(Operation, logits, t, reduction, weights: weights));
    }

    /// <summary>−t ln p − (1 − t) ln(1 − p) of probabilities p, element by element; each logarithm counts at least −100. From scores, use <see cref="BinaryCrossEntropyWithLogits"/>: it is more accurate.</summary>
    /// <param name="probabilities">0 to 1; anything else gives NaN.</param>
    /// <param name="targets">0 to 1, of the same shape and element type.</param>
    /// <param name="weights">Multiplies the losses; stretched to the probabilities' shape. The mean still divides by the number of elements.</param>
    /// <param name="labelSmoothing">Targets are moved this share of the way to ½.</param>
    /// <param name="reduction">Mean over the elements by default.</param>
    public static Tensor BinaryCrossEntropy(Tensor probabilities, Tensor targets, Tensor? weights = null, double labelSmoothing = 0, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape(nameof(BinaryCrossEntropy), "probabilities", probabilities, "targets", targets);
        RequireShare(nameof(BinaryCrossEntropy), "the label smoothing", labelSmoothing);
        using TensorScope scope = new();
        return TensorScope.Keep(OfElements<ProbabilityLoss>(nameof(BinaryCrossEntropy), probabilities, Smoothed(targets, labelSmoothing), reduction, weights: weights));
    }

    /// <summary>The mean over the labels of <see cref="BinaryCrossEntropyWithLogits"/>: one loss per sample, from logits [n, labels] and targets of 0 and 1.</summary>
    /// <param name="logits">One score per label.</param>
    /// <param name="targets">The same shape and element type.</param>
    /// <param name="weights">A weight per label, [labels].</param>
    /// <param name="reduction">Mean over the samples by default.</param>
    public static Tensor MultiLabelSoftMargin(Tensor logits, Tensor targets, Tensor? weights = null, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (logits.Rank < 2) throw new ShapeException($"MultiLabelSoftMargin: logits {logits.Shape} must be [n, labels]. Insert a dimension with Unsqueeze(0).");
        using TensorScope scope = new();
        Tensor losses = OfElements<LogisticLoss>(nameof(MultiLabelSoftMargin), logits, targets, reduction, weights: weights);
        return TensorScope.Keep(reduction switch
        {
            Reduction.None => losses.Mean(-1),
            Reduction.Sum => losses * (1.0 / logits.Shape[^1]),
            _ => losses,
        });
    }

    /// <summary>max(0, margin − t x) of scores x with targets t of −1 and 1, or its square: the support vector machine (Cortes and Vapnik 1995), element by element.</summary>
    public static Tensor Hinge(Tensor scores, Tensor targets, double margin = 1, bool squared = false, Reduction reduction = Reduction.Mean) => squared
        ? OfElements<SquaredHingeLoss>(nameof(Hinge), scores, targets, reduction, margin)
        : OfElements<HingeLoss>(nameof(Hinge), scores, targets, reduction, margin);

    /// <summary>
    /// <see cref="BinaryCrossEntropyWithLogits"/> times (1 − p)^gamma, p being the probability that the logits give to the right answer: answers that are right already count
    /// little (Lin et al., "Focal loss for dense object detection", 2017).
    /// </summary>
    /// <param name="logits">Scores before the sigmoid.</param>
    /// <param name="targets">0 or 1, of the same shape and element type.</param>
    /// <param name="gamma">0 or more; 0 leaves the cross-entropy as it is.</param>
    /// <param name="alpha">Weight of the answers that should be 1, those of the others being 1 − alpha; null for no weights.</param>
    /// <param name="reduction">Mean over the elements by default.</param>
    public static Tensor Focal(Tensor logits, Tensor targets, double gamma = 2, double? alpha = 0.25, Reduction reduction = Reduction.Mean)
    {
        if (!(gamma >= 0)) throw new ArgumentException($"Focal: gamma is {gamma}, but must not be negative.");
        RequireShare(nameof(Focal), nameof(alpha), alpha ?? 0);
        RequireSameShape(nameof(Focal), "logits", logits, "targets", targets);
        using TensorScope scope = new();

        // With z = x for targets of 1 and −x for targets of 0: −ln p = softplus(−z), and 1 − p = e^(−softplus(z)).
        Tensor z = logits * (2 * targets - 1), losses = (-z).Softplus() * (-gamma * z.Softplus()).Exp();
        if (alpha is { } share) losses *= targets * (2 * share - 1) + (1 - share);
        return TensorScope.Keep(Reduce(losses, reduction));
    }

    private static Tensor Smoothed(Tensor targets, double labelSmoothing) => labelSmoothing == 0 ? targets : targets * (1 - labelSmoothing) + 0.5 * labelSmoothing;
}
