namespace Gradwright.Layers;

/// <summary>
/// Zeroes whole samples of [n, …] in training and scales the others by 1/(1 − rate) (Huang et al. 2016, "Deep Networks with Stochastic Depth"). At the end of a
/// residual branch, <c>new Residual(new Sequential(…, new StochasticDepth(0.1)))</c>, a sample skips the branch; evaluation takes it always.
/// </summary>
/// <param name="rate">Probability of a sample being dropped, 0 ≤ rate &lt; 1.</param>
public sealed class StochasticDepth(double rate) : Module<Tensor, Tensor>
{
    private readonly double _rate = DropRate.Check(nameof(StochasticDepth), rate);

    private Generator _generator = new();

    protected override Tensor ForwardCore(Tensor x)
    {
        if (x.Rank == 0) throw new ShapeException("StochasticDepth: a scalar has no samples to drop; x must be [batch, …].");
        return IsTraining && _rate > 0 ? x.DropoutSlices(_rate, _generator, 1) : x;
    }

    protected override void Reset(Generator generator) => _generator = generator;
    public override string ToString() => $"StochasticDepth({_rate})";
}
