namespace Gradwright.Training;

/// <summary>The mean of (prediction − target)² over all elements, in the square of the targets' unit.</summary>
public sealed class MeanSquaredError : MeanMetric
{
    public override string Name => "mean squared error";

    public override bool HigherIsBetter => false;

    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The same shape.</param>
    public override void Update(Tensor prediction, Tensor target)
    {
        (double[] y, double[] t) = Regression.Values(nameof(MeanSquaredError), prediction, target);
        Add(y.Zip(t, (a, b) => (a - b) * (a - b)).Sum(), t.Length);
    }
}
