namespace Gradwright.Training;

/// <summary>The mean of a loss over samples; a batch counts by its number of samples.</summary>
/// <param name="loss">The mean loss of a batch, as one number: (prediction, target) → [].</param>
public sealed class MeanLoss(Func<Tensor, Tensor, Tensor> loss) : MeanMetric
{
    public override string Name => "loss";

    public override bool HigherIsBetter => false;

    public override void Update(Tensor prediction, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Add(loss(prediction, target).ToDouble(), target);
    }

    /// <summary>Adds a batch whose loss is known.</summary>
    internal void Add(double batchLoss, Tensor target) => Add(batchLoss * target.Shape[0], target.Shape[0]);

    public override string Format(double value) => value is >= 1e-3 or 0 ? value.ToString("0.0000") : value.ToString("0.00e0");
}
