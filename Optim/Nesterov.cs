using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>
/// Nesterov's momentum as published (1983; Sutskever et al., 2013): the gradient is taken where the momentum would lead, v ← μv − α∇f(x + μv) and x ← x + v.
/// <see cref="LookAhead"/> moves the parameters to x + μv before each forward pass; <see cref="Optimizer.Step"/> leads them to x + v.
/// </summary>
/// <remarks>
/// <c>Sgd(…, nesterov: true)</c> writes the same method in y = x + μv, so that it needs no second move: with a constant rate and momentum, its parameters are the
/// points where this one takes its gradients. Save and evaluate between <c>Step</c> and <c>LookAhead</c>, where the parameters are x.
/// </remarks>
/// <example><code>
/// optimizer.LookAhead();
/// using (var tape = new Tape()) tape.Backward(Loss.CrossEntropy(model.Forward(x), y));
/// optimizer.Step();
/// </code></example>
public sealed class Nesterov : Optimizer
{
    private static readonly string[] States = ["velocity"];

    private (Tensor Parameter, Tensor Velocity)[]? _ahead;       // what has been moved, between LookAhead and the step

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">α, positive.</param>
    /// <param name="momentum">μ, 0 ≤ μ &lt; 1.</param>
    /// <param name="weightDecay">λ, which adds λ(x + μv) to the gradient.</param>
    public Nesterov(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double momentum = 0.9, double weightDecay = 0)
        : this([new ParameterGroup(parameters)], learningRate, momentum, weightDecay) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="Nesterov(IEnumerable{Tensor}, double, double, double)"/>
    public Nesterov(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double momentum = 0.9, double weightDecay = 0) : base(groups, learningRate, weightDecay)
        => Momentum = momentum;

    /// <summary>μ; may change during the training, but not between <see cref="LookAhead"/> and the step.</summary>
    public double Momentum
    {
        get;
        set
        {
            if (_ahead is not null) throw new InvalidOperationException("Nesterov: the parameters are ahead by the old momentum. Change it between Step() and LookAhead().");
            field = Require.Fraction(value, nameof(Nesterov), nameof(Momentum), "Typical values are 0.9 and 0.99.");
        }
    }

    /// <summary>Gives μ for each step; null leaves <see cref="Momentum"/> as it is.</summary>
    public Schedule? MomentumSchedule { get; set; }

    protected override ReadOnlySpan<string> StateNames => States;

    /// <summary>x ← x + μv for every parameter that has been updated. The next gradient belongs here, and <see cref="Optimizer.Step"/> comes next.</summary>
    /// <exception cref="InvalidOperationException">The parameters are ahead already.</exception>
    public void LookAhead()
    {
        if (_ahead is not null) throw new InvalidOperationException("Nesterov.LookAhead: the parameters are ahead already. Call Step() before looking ahead again.");
        if (MomentumSchedule is not null) Momentum = MomentumSchedule.Rate(StepCount);
        _ahead = [.. FirstStates().Where(state => state.First is not null && !state.Parameter.IsFrozen).Select(state => (state.Parameter, state.First!))];
        Move(_ahead, Momentum);
    }

    internal override void Prepare()
    {
        if (_ahead is null) LookAhead();
    }

    internal override bool IsPrepared => _ahead is not null;

    internal override void Abandon()
    {
        if (_ahead is { } ahead) Move(ahead, -Momentum);
        _ahead = null;
    }

    private protected override void OnStateLoaded() => _ahead = null;

    protected override void BeforeStep()
    {
        if (_ahead is not { } ahead)
            throw new InvalidOperationException("Nesterov.Step: the gradient must be taken ahead. Call LookAhead() before the forward pass, or use Sgd(…, nesterov: true), which needs no such call.");
        _ahead = null;
        Move(ahead.Where(pair => pair.Parameter.IsFrozen || pair.Parameter.Grad is null), -Momentum);      // no step leads these to a new place
    }

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
        => OptimizerKernels.LookAhead(updates, new(rate, Momentum, weightDecay));

    public override string ToString() => $"Nesterov({Schedule}, momentum: {Momentum}, weightDecay: {WeightDecay})";

    private static void Move(IEnumerable<(Tensor Parameter, Tensor Velocity)> parameters, double by)
        => OptimizerKernels.Sgd([.. parameters.Select(pair => new ParameterUpdate(pair.Parameter, pair.Velocity, null, null, 1))], new(-by));
}
