using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>AdaDelta (Zeiler, 2012): step lengths from the steps so far instead of a rate; the formulas are those of <see cref="AdadeltaRule"/>.</summary>
public sealed class Adadelta : Optimizer
{
    private static readonly string[] States = ["square_avg", "acc_delta"];

    private readonly AdadeltaRule _rule;

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">α, positive; the paper has none, that is, 1.</param>
    /// <param name="rho">ρ, with which the means forget; 0 ≤ ρ &lt; 1.</param>
    /// <param name="epsilon">ε, added below both roots.</param>
    /// <param name="weightDecay">λ, which adds λx to the gradient.</param>
    public Adadelta(IEnumerable<Tensor> parameters, double learningRate = 1, double rho = 0.9, double epsilon = 1e-6, double weightDecay = 0)
        : this([new ParameterGroup(parameters)], learningRate, rho, epsilon, weightDecay) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="Adadelta(IEnumerable{Tensor}, double, double, double, double)"/>
    public Adadelta(IEnumerable<ParameterGroup> groups, double learningRate = 1, double rho = 0.9, double epsilon = 1e-6, double weightDecay = 0)
        : base(groups, learningRate, weightDecay)
        => _rule = new(Rate: 0, AdamOptions.Beta(rho, nameof(Adadelta), nameof(rho), 0.9), AdamOptions.Epsilon(epsilon, nameof(Adadelta), 1e-6));

    protected override ReadOnlySpan<string> StateNames => States;

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
        => OptimizerKernels.Adadelta(updates, _rule with { Rate = rate, WeightDecay = weightDecay });

    public override string ToString() => $"Adadelta({Schedule}, rho: {_rule.Rho}, epsilon: {_rule.Epsilon}, weightDecay: {WeightDecay})";
}
