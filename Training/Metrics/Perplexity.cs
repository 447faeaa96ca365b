namespace Gradwright.Training;

/// <summary>
/// How many tokens a language model hesitates between: the exponential of the mean cross-entropy of the targets. 1 is certainty; a model that knows nothing of V
/// tokens has V.
/// </summary>
/// <param name="ignoreIndex">Targets of this number, such as padding, count nothing.</param>
public sealed class Perplexity(long ignoreIndex = ConfusionMetric.NoClass) : MeanMetric
{
    public override string Name => "perplexity";

    public override bool HigherIsBetter => false;

    public override double Value => Math.Exp(base.Value);

    /// <param name="prediction">Logits, [batch, tokens, …].</param>
    /// <param name="target">The right tokens, Int64 [batch, …].</param>
    public override void Update(Tensor prediction, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        double sum = prediction.CrossEntropy(target, ignoreIndex: ignoreIndex, reduction: Reduction.Sum).ToDouble();
        Add(sum, HostValues.Integers(target).LongCount(token => token != ignoreIndex));
    }

    public override string Format(double value) => value.ToString("0.00");
}
