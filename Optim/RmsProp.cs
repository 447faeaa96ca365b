using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>RMSProp (Tieleman and Hinton, 2012), on request centred (Graves, 2013) and with momentum; the formulas are those of <see cref="RmsPropRule"/>.</summary>
public sealed class RmsProp : Optimizer
{
    private readonly RmsPropRule _rule;
    private readonly string[] _states;

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">α, positive.</param>
    /// <param name="rho">ρ, with which the mean of squares forgets; 0 ≤ ρ &lt; 1. The lecture has 0.9.</param>
    /// <param name="epsilon">ε, added to the root.</param>
    /// <param name="momentum">μ, 0 ≤ μ &lt; 1; 0 needs no state.</param>
    /// <param name="centred">Divide by the standard deviation of the gradients instead of the root of their squares.</param>
    /// <param name="weightDecay">λ, which adds λx to the gradient.</param>
    public RmsProp(IEnumerable<Tensor> parameters,
        double learningRate = 1e-2, double rho = 0.99, double epsilon = 1e-8, double momentum = 0, bool centred = false, double weightDecay = 0)
        : this([new ParameterGroup(parameters)], learningRate, rho, epsilon, momentum, centred, weightDecay) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="RmsProp(IEnumerable{Tensor}, double, double, double, double, bool, double)"/>
    public RmsProp(IEnumerable<ParameterGroup> groups,
        double learningRate = 1e-2, double rho = 0.99, double epsilon = 1e-8, double momentum = 0, bool centred = false, double weightDecay = 0)
        : base(groups, learningRate, weightDecay)
    {
        _rule = new(Rate: 0, AdamOptions.Beta(rho, nameof(RmsProp), nameof(rho), 0.99), AdamOptions.Epsilon(epsilon, nameof(RmsProp), 1e-8),
            Require.Fraction(momentum, nameof(RmsProp), nameof(momentum), "0 and 0.9 are common."), centred);
        _states = ["square_avg", .. centred ? (string[])["grad_avg"] : [], .. momentum > 0 ? (string[])["momentum_buffer"] : []];
    }

    protected override ReadOnlySpan<string> StateNames => _states;

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
        => OptimizerKernels.RmsProp(updates, _rule with { Rate = rate, WeightDecay = weightDecay });

    public override string ToString()
        => $"RmsProp({Schedule}, rho: {_rule.Rho}, epsilon: {_rule.Epsilon}, momentum: {_rule.Momentum}{(_rule.Centred ? ", centred: true" : "")}, weightDecay: {WeightDecay})";
}
