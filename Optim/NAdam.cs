using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>Adam with a momentum that looks ahead (Dozat, 2016); the formulas are those of <see cref="NAdamRule"/>.</summary>
public sealed class NAdam : Optimizer
{
    private readonly NAdamRule _rule;

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">α, positive.</param>
    /// <param name="beta1">β₁, with which the mean of the gradients forgets; 0 ≤ β₁ &lt; 1.</param>
    /// <param name="beta2">β₂, with which the mean of their squares forgets; 0 ≤ β₂ &lt; 1.</param>
    /// <param name="epsilon">ε, added to the root of the squares.</param>
    /// <param name="weightDecay">λ, which adds λx to the gradient.</param>
    /// <param name="momentumDecay">ψ: how fast the momentum grows from β₁/2 to β₁.</param>
    /// <param name="decoupled">Let the decay shrink the parameters themselves, as <see cref="AdamW"/> does.</param>
    public NAdam(IEnumerable<Tensor> parameters,
        double learningRate = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, double momentumDecay = 4e-3, bool decoupled = false)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, epsilon, weightDecay, momentumDecay, decoupled) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="NAdam(IEnumerable{Tensor}, double, double, double, double, double, double, bool)"/>
    public NAdam(IEnumerable<ParameterGroup> groups,
        double learningRate = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, double momentumDecay = 4e-3, bool decoupled = false)
        : base(groups, learningRate, weightDecay)
    {
        AdamRule rule = AdamOptions.Check(nameof(NAdam), beta1, beta2, epsilon);
        Require.NotNegative(momentumDecay, nameof(NAdam), nameof(momentumDecay), "The usual value is 4e-3.");
        _rule = new(Rate: 0, new(rule.Beta1, momentumDecay), rule.Beta2, rule.Epsilon, Decoupled: decoupled);
    }

    protected override ReadOnlySpan<string> StateNames => AdamOptions.StateNames();

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
        => OptimizerKernels.NAdam(updates, _rule with { Rate = rate, WeightDecay = weightDecay });

    public override string ToString() => $"NAdam({Schedule}, beta1: {_rule.Momentum.Beta1}, beta2: {_rule.Beta2}, epsilon: {_rule.Epsilon}, weightDecay: {WeightDecay}, "
        + $"momentumDecay: {_rule.Momentum.Decay}{(_rule.Decoupled ? ", decoupled: true" : "")})";
}
