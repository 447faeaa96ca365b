using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>Stochastic gradient descent, with or without momentum; the formulas are those of <see cref="SgdRule"/>.</summary>
public sealed class Sgd : Optimizer
{
    private static readonly string[] States = ["momentum_buffer"];

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">α, positive.</param>
    /// <param name="momentum">μ, 0 ≤ μ &lt; 1; 0 needs no state.</param>
    /// <param name="nesterov">Look ahead; needs momentum.</param>
    /// <param name="weightDecay">λ, which adds λx to the gradient.</param>
    public Sgd(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double momentum = 0, bool nesterov = false, double weightDecay = 0)
        : this([new ParameterGroup(parameters)], learningRate, momentum, nesterov, weightDecay) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="Sgd(IEnumerable{Tensor}, double, double, bool, double)"/>
    public Sgd(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double momentum = 0, bool nesterov = false, double weightDecay = 0)
        : base(groups, learningRate, weightDecay)
    {
        Momentum = momentum;
        Nesterov = nesterov;
        if (nesterov && momentum == 0)
            throw new ArgumentException("Sgd: Nesterov's look-ahead needs momentum. Give one, for example momentum: 0.9.", nameof(nesterov));
    }

    /// <summary>μ; may change during the training.</summary>
    public double Momentum
    {
        get;
        set => field = Require.Fraction(value, nameof(Sgd), nameof(Momentum), "Typical values are 0.9 and 0.99.");
    }

    /// <summary>Whether the momentum looks ahead.</summary>
    public bool Nesterov { get; }

    protected override ReadOnlySpan<string> StateNames => States;
    protected override int StatesInUse => Momentum > 0 ? 1 : 0;

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
        => OptimizerKernels.Sgd(updates, new(rate, Momentum, Nesterov, weightDecay));

    public override string ToString() => $"Sgd({Schedule}, momentum: {Momentum}{(Nesterov ? ", nesterov: true" : "")}, weightDecay: {WeightDecay})";
}
