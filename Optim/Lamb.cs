using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>
/// LAMB (You et al., 2020), for large batches: Adam's direction u, with decay, scaled tensor by tensor to the trust ratio ‖x‖ / ‖u‖; the formulas are those of
/// <see cref="LambRule"/> and <see cref="TrustRatio"/>. A tensor of zeros takes the ratio 1. Norms are taken on the device, which nothing waits for.
/// </summary>
public sealed class Lamb : Optimizer
{
    private readonly LambRule _rule;
    private readonly TrustRatio _trust;

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">α, positive.</param>
    /// <param name="beta1">β₁, with which the mean of the gradients forgets; 0 ≤ β₁ &lt; 1.</param>
    /// <param name="beta2">β₂, with which the mean of their squares forgets; 0 ≤ β₂ &lt; 1.</param>
    /// <param name="epsilon">ε, added to the root of the squares.</param>
    /// <param name="weightDecay">λ, which adds λx to the direction.</param>
    /// <param name="largestTrust">The ratio is not larger than this.</param>
    public Lamb(IEnumerable<Tensor> parameters,
        double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-6, double weightDecay = 1e-2, double largestTrust = double.PositiveInfinity)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, epsilon, weightDecay, largestTrust) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="Lamb(IEnumerable{Tensor}, double, double, double, double, double, double)"/>
    public Lamb(IEnumerable<ParameterGroup> groups,
        double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-6, double weightDecay = 1e-2, double largestTrust = double.PositiveInfinity)
        : base(groups, learningRate, weightDecay)
    {
        AdamRule rule = AdamOptions.Check(nameof(Lamb), beta1, beta2, epsilon);
        if (!(largestTrust > 0)) throw new ArgumentOutOfRangeException(nameof(largestTrust), largestTrust, $"Lamb: largestTrust must be positive, but is {largestTrust}. 10 is common; infinity does not limit.");
        (_rule, _trust) = (new(rule.Beta1, rule.Beta2, rule.Epsilon), new(Largest: largestTrust));
    }

    protected override ReadOnlySpan<string> StateNames => AdamOptions.StateNames();

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
        => OptimizerKernels.Lamb(updates, _rule with { WeightDecay = weightDecay }, rate, _trust);

    public override string ToString() => $"Lamb({Schedule}, beta1: {_rule.Beta1}, beta2: {_rule.Beta2}, epsilon: {_rule.Epsilon}, weightDecay: {WeightDecay})";
}
