using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>Adam with bias correction; weight decay is part of the gradient. The formulas are those of <see cref="AdamRule"/>.</summary>
public sealed class Adam : Optimizer
{
    private readonly AdamRule _rule;

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">α, positive.</param>
    /// <param name="beta1">β₁, with which the mean of the gradients forgets; 0 ≤ β₁ &lt; 1.</param>
    /// <param name="beta2">β₂, with which the mean of their squares forgets; 0 ≤ β₂ &lt; 1.</param>
    /// <param name="epsilon">ε, added to the root of the squares.</param>
    /// <param name="weightDecay">λ, which adds λx to the gradient.</param>
    /// <param name="amsGrad">Divide by the root of the largest mean of squares so far (Reddi et al., 2018); takes a third state.</param>
    /// <param name="biasCorrection">Make up for means that start as zeros. Without it, the first steps are (1 − β₁)/√(1 − β₂) times as long: with the usual values 3.16 times.</param>
    public Adam(IEnumerable<Tensor> parameters,
        double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool amsGrad = false, bool biasCorrection = true)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, epsilon, weightDecay, amsGrad, biasCorrection) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="Adam(IEnumerable{Tensor}, double, double, double, double, double, bool, bool)"/>
    public Adam(IEnumerable<ParameterGroup> groups,
        double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool amsGrad = false, bool biasCorrection = true)
        : base(groups, learningRate, weightDecay)
        => _rule = AdamOptions.Check(nameof(Adam), beta1, beta2, epsilon) with { AmsGrad = amsGrad, BiasCorrection = biasCorrection };

    protected override ReadOnlySpan<string> StateNames => AdamOptions.StateNames(_rule.AmsGrad);

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
        => OptimizerKernels.Adam(updates, _rule with { Rate = rate, WeightDecay = weightDecay });

    public override string ToString() => $"Adam({Schedule}, {AdamOptions.Text(_rule, WeightDecay)})";
}
