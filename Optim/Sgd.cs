using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>Stochastic gradient descent, with or without momentum (Polyak, 1964); the formulas are those of <see cref="SgdRule"/>.</summary>
public sealed class Sgd : Optimizer
{
    private static readonly string[] States = ["momentum_buffer"];

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">α, positive.</param>
    /// <param name="momentum">μ, 0 ≤ μ &lt; 1; 0 needs no state.</param>
    /// <param name="nesterov">Look ahead, in the form that is evaluated where the parameters are; needs momentum. <see cref="Gradwright.Optim.Nesterov"/> is the form as published.</param>
    /// <param name="weightDecay">λ, which adds λx to the gradient.</param>
    /// <param name="dampening">τ: only 1 − τ of a gradient joins the momentum, after the first; 0 ≤ τ &lt; 1. Not with <paramref name="nesterov"/>.</param>
    public Sgd(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double momentum = 0, bool nesterov = false, double weightDecay = 0, double dampening = 0)
        : this([new ParameterGroup(parameters)], learningRate, momentum, nesterov, weightDecay, dampening) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="Sgd(IEnumerable{Tensor}, double, double, bool, double, double)"/>
    public Sgd(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double momentum = 0, bool nesterov = false, double weightDecay = 0, double dampening = 0)
        : base(groups, learningRate, weightDecay)
    {
        Momentum = momentum;
        Nesterov = nesterov;
        Dampening = Require.Fraction(dampening, nameof(Sgd), nameof(dampening), "0 lets the whole gradient join the momentum.");
        if (nesterov && momentum == 0)
            throw new ArgumentException("Sgd: Nesterov's look-ahead needs momentum. Give one, for example momentum: 0.9.", nameof(nesterov));
        if (nesterov && dampening > 0)
            throw new ArgumentException("Sgd: Nesterov's look-ahead counts on the whole gradient in the momentum. Leave dampening at 0.", nameof(dampening));
    }

    /// <summary>μ; may change during the training.</summary>
    public double Momentum
    {
        get;
        set => field = Require.Fraction(value, nameof(Sgd), nameof(Momentum), "Typical values are 0.9 and 0.99.");
    }

    /// <summary>Gives μ for each step, such as <see cref="Schedule.GrowingMomentum"/>; null leaves <see cref="Momentum"/> as it is.</summary>
    public Schedule? MomentumSchedule { get; set; }

    /// <summary>Whether the momentum looks ahead.</summary>
    public bool Nesterov { get; }

    /// <summary>τ.</summary>
    public double Dampening { get; }

    protected override ReadOnlySpan<string> StateNames => States;
    protected override int StatesInUse => Momentum > 0 ? 1 : 0;

    protected override void BeforeStep()
    {
        if (MomentumSchedule is not null) Momentum = MomentumSchedule.Rate(StepCount);
    }

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
        => OptimizerKernels.Sgd(updates, new(rate, Momentum, Nesterov && Momentum > 0, weightDecay, Dampening));

    public override string ToString()
        => $"Sgd({Schedule}, momentum: {Momentum}{(Nesterov ? ", nesterov: true" : "")}, weightDecay: {WeightDecay}{(Dampening == 0 ? "" : $", dampening: {Dampening}")})";
}
