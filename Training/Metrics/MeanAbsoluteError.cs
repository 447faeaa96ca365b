namespace Gradwright.Training;

/// <summary>The mean of |prediction − target| over all elements, in the targets' unit.</summary>
public sealed class MeanAbsoluteError : MeanMetric
{
    public override string Name => "mean absolute error";

    public override bool HigherIsBetter => false;

    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The same shape.</param>
    public override void Update(Tensor prediction, Tensor target)
    {
        (double[] y, double[] t) = Regression.Values(nameof(MeanAbsoluteError), prediction, target);
        Add(y.Zip(t, (a, b) => Math.Abs(a - b)).Sum(), t.Length);
    }
}
