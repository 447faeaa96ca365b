using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>
/// LARS (You, Gitman and Ginsburg, 2017), for large batches: momentum whose steps are scaled, tensor by tensor, by the trust ratio η‖x‖ / (‖g‖ + λ‖x‖); the formulas
/// are those of <see cref="LarsRule"/> and <see cref="TrustRatio"/>. A tensor of zeros takes the ratio 1. Norms are taken on the device, which nothing waits for.
/// </summary>
public sealed class Lars : Optimizer
{
    private static readonly string[] States = ["momentum_buffer"];

    private readonly double _momentum, _trust;

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">α, positive; it multiplies η, so rates of 1 to 30 are common.</param>
    /// <param name="momentum">μ, 0 ≤ μ &lt; 1.</param>
    /// <param name="weightDecay">λ, which adds λx to the gradient.</param>
    /// <param name="trust">η, the share of its norm by which a tensor may move.</param>
    public Lars(IEnumerable<Tensor> parameters, double learningRate = 1, double momentum = 0.9, double weightDecay = 5e-4, double trust = 1e-3)
        : this([new ParameterGroup(parameters)], learningRate, momentum, weightDecay, trust) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="Lars(IEnumerable{Tensor}, double, double, double, double)"/>
    public Lars(IEnumerable<ParameterGroup> groups, double learningRate = 1, double momentum = 0.9, double weightDecay = 5e-4, double trust = 1e-3)
        : base(groups, learningRate, weightDecay)
    {
        _momentum = Require.Fraction(momentum, nameof(Lars), nameof(momentum), "The usual value is 0.9.");
        _trust = Require.Positive(trust, nameof(Lars), nameof(trust), "The usual value is 1e-3.");
    }

    protected override ReadOnlySpan<string> StateNames => States;

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
        => OptimizerKernels.Lars(updates, new(rate, _momentum, weightDecay), new(_trust, weightDecay));

    public override string ToString() => $"Lars({Schedule}, momentum: {_momentum}, weightDecay: {WeightDecay}, trust: {_trust})";
}
