using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>
/// Lion (Chen et al., 2023): the sign of a momentum, so that every element moves by α; the formulas are those of <see cref="LionRule"/>. Rates are 3 to 10 times
/// smaller than those of <see cref="AdamW"/>, decays as much larger.
/// </summary>
public sealed class Lion : Optimizer
{
    private static readonly string[] States = ["exp_avg"];

    private readonly LionRule _rule;

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">α, positive.</param>
    /// <param name="beta1">β₁, the momentum's share in the direction; 0 ≤ β₁ &lt; 1.</param>
    /// <param name="beta2">β₂, with which the momentum forgets; 0 ≤ β₂ &lt; 1.</param>
    /// <param name="weightDecay">λ: a step first multiplies the parameter by 1 − αλ.</param>
    public Lion(IEnumerable<Tensor> parameters, double learningRate = 1e-4, double beta1 = 0.9, double beta2 = 0.99, double weightDecay = 0)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, weightDecay) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="Lion(IEnumerable{Tensor}, double, double, double, double)"/>
    public Lion(IEnumerable<ParameterGroup> groups, double learningRate = 1e-4, double beta1 = 0.9, double beta2 = 0.99, double weightDecay = 0)
        : base(groups, learningRate, weightDecay)
        => _rule = new(Rate: 0, AdamOptions.Beta(beta1, nameof(Lion), nameof(beta1), 0.9), AdamOptions.Beta(beta2, nameof(Lion), nameof(beta2), 0.99));

    protected override ReadOnlySpan<string> StateNames => States;

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
        => OptimizerKernels.Lion(updates, _rule with { Rate = rate, WeightDecay = weightDecay });

    public override string ToString() => $"Lion({Schedule}, beta1: {_rule.Beta1}, beta2: {_rule.Beta2}, weightDecay: {WeightDecay})";
}
