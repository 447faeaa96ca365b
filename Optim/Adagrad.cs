using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>
/// AdaGrad (Duchi, Hazan and Singer, 2011): rates that fall, element by element, with the gradients so far; the formulas are those of <see cref="AdagradRule"/>.
/// For a rate that falls by time too, set <see cref="Schedule.InverseTime"/>.
/// </summary>
public sealed class Adagrad : Optimizer
{
    private static readonly string[] States = ["sum"];

    private readonly AdagradRule _rule;

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">α, positive.</param>
    /// <param name="epsilon">ε, added to the root of the sum.</param>
    /// <param name="weightDecay">λ, which adds λx to the gradient.</param>
    /// <param name="initialSum">What the sum of squares starts with.</param>
    public Adagrad(IEnumerable<Tensor> parameters, double learningRate = 1e-2, double epsilon = 1e-10, double weightDecay = 0, double initialSum = 0)
        : this([new ParameterGroup(parameters)], learningRate, epsilon, weightDecay, initialSum) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="Adagrad(IEnumerable{Tensor}, double, double, double, double)"/>
    public Adagrad(IEnumerable<ParameterGroup> groups, double learningRate = 1e-2, double epsilon = 1e-10, double weightDecay = 0, double initialSum = 0)
        : base(groups, learningRate, weightDecay)
        => _rule = new(Rate: 0, AdamOptions.Epsilon(epsilon, nameof(Adagrad), 1e-10),
            Initial: Require.NotNegative(initialSum, nameof(Adagrad), nameof(initialSum), "0 makes the first step α · sign(g), 0.1 shortens it."));

    protected override ReadOnlySpan<string> StateNames => States;

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
        => OptimizerKernels.Adagrad(updates, _rule with { Rate = rate, WeightDecay = weightDecay });

    public override string ToString() => $"Adagrad({Schedule}, epsilon: {_rule.Epsilon}, weightDecay: {WeightDecay}, initialSum: {_rule.Initial})";
}
