using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>
/// Changes parameters by their gradients. Parameters without a gradient and frozen ones are passed over; the others are
/// updated in place, all in one call per group, and their buffers' versions go up. Nothing of it is recorded by a tape.
/// </summary>
/// <remarks>
/// The state (momentum and the like) belongs to the optimizer: it is made at a parameter's first update, outside every scope, and freed by Dispose.
/// </remarks>
public abstract partial class Optimizer : IDisposable
{
    private readonly List<Group> _groups = [];
    private readonly HashSet<Tensor> _known = new(ReferenceEqualityComparer.Instance);
    private ParameterUpdate[] _updates = [];
    private bool _disposed;

    /// <summary>An optimizer of these groups.</summary>
    /// <exception cref="ArgumentException">There is no parameter, one occurs twice, or a tensor is not a parameter.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive or the decay is negative.</exception>
    protected Optimizer(IEnumerable<ParameterGroup> groups, double learningRate, double weightDecay)
    {
        ArgumentNullException.ThrowIfNull(groups);
        LearningRate = learningRate;
        WeightDecay = weightDecay;
        foreach (ParameterGroup group in groups) AddGroup(group);
        if (_known.Count == 0)
            throw new ArgumentException($"{Kind}: there are no parameters to optimize. Layers that infer their sizes have none before their first forward pass; run one first.", nameof(groups));
    }

    /// <summary>The groups, in the order they were added.</summary>
    public IReadOnlyList<ParameterGroup> Groups => _groups.ConvertAll(group => group.Settings);

    /// <summary>The learning rate as a function of <see cref="StepCount"/>.</summary>
    public Schedule Schedule
    {
        get;
        set => field = value ?? throw new ArgumentNullException(nameof(value));
    } = null!;

    /// <summary>The rate of the next step. Setting it replaces <see cref="Schedule"/> by a constant.</summary>
    public double LearningRate
    {
        get => Schedule.Rate(StepCount);
        set => Schedule = new ConstantSchedule(Require.Positive(value, Kind, nameof(LearningRate), "Typical learning rates are 1e-4 to 1e-1."));
    }

    /// <summary>λ: how strongly parameters are pulled to zero, in groups that do not say otherwise.</summary>
    public double WeightDecay
    {
        get;
        set => field = Require.NotNegative(value, Kind, nameof(WeightDecay), "Typical decays are 1e-5 to 1e-1.");
    }

    /// <summary>Number of steps taken.</summary>
    public long StepCount { get; private set; }

    /// <summary>The names of a parameter's states, at most three: what <see cref="ParameterUpdate.First"/>, <see cref="ParameterUpdate.Second"/> and <see cref="ParameterUpdate.Third"/> hold.</summary>
    protected abstract ReadOnlySpan<string> StateNames { get; }

    /// <summary>How many of these states an update needs now.</summary>
    protected virtual int StatesInUse => StateNames.Length;

    /// <summary>The names of one parameter's states, where not all parameters are treated alike.</summary>
    protected virtual ReadOnlySpan<string> StateNamesOf(Tensor parameter) => StateNames;

    private string Kind => GetType().Name;

    /// <summary>Adds parameters, such as those of a layer that was made or unfrozen later.</summary>
    /// <inheritdoc cref="Optimizer(IEnumerable{ParameterGroup}, double, double)" path="/exception"/>
    public void AddGroup(ParameterGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        HashSet<Tensor> known = new(_known, ReferenceEqualityComparer.Instance);
        foreach (Tensor parameter in group.Parameters) Require.Parameter(Kind, parameter, known, nameof(group));
        _known.UnionWith(known);
        _groups.Add(new(group));
    }

    /// <summary>Updates every parameter that has a gradient, once.</summary>
    /// <exception cref="InvalidOperationException">A schedule gives an impossible rate; nothing has been changed.</exception>
    public void Step()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (OpListener.Current is null)
        {
            Update();
            return;
        }

        (Tensor[] gradients, Action<Tensor[]> step) = Repeatable();
        OpListener.Run(gradients, step);
    }

    /// <summary>A step as a captured one repeats it: the same parameters each time, their gradients wherever they lie then.</summary>
    internal (Tensor[] Gradients, Action<Tensor[]> Step) Repeatable()
    {
        ParameterState[] states = [.. _groups.SelectMany(group => group.States).Where(state => state.Gradient is not null)];
        return (Array.ConvertAll(states, state => state.Gradient!), gradients =>
        {
            for (int i = 0; i < states.Length; i++) states[i].GivenGradient = gradients[i];
            try
            {
                Update();
            }
            finally
            {
                foreach (ParameterState state in states) state.GivenGradient = null;
            }
        });
    }

    private void Update()
    {
        double rate = LearningRate;
        foreach (Group group in _groups)
            group.Rate = (group.Settings.LearningRate?.Rate(StepCount) ?? rate) * group.Settings.RateFactor;
        BeforeStep();
        foreach (Group group in _groups)
        {
            int count = Collect(group);
            if (count > 0) Update(_updates.AsSpan(0, count), group.Rate, group.Settings.WeightDecay ?? WeightDecay);
        }

        StepCount++;
    }

    /// <summary>Forgets all gradients (assigned ones are filled with zeros), also those of frozen parameters.</summary>
    public void ZeroGrad()
    {
        foreach (Group group in _groups)
            foreach (ParameterState state in group.States) state.Parameter.ZeroGrad();
    }

    /// <summary>Frees the state; the parameters stay.</summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (Group group in _groups)
            foreach (ParameterState state in group.States) state.Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>The rule: changes the parameters and their states in place.</summary>
    /// <param name="updates">The parameters of one group that have gradients; at least one.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="weightDecay">The weight decay.</param>
    protected abstract void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay);

    /// <summary>What an optimizer prepares before a step, or why it refuses one; nothing has been changed yet.</summary>
    protected virtual void BeforeStep() { }

    /// <summary>What has to be done before the forward pass whose gradient the next step follows; harmless when done twice.</summary>
    internal virtual void Prepare() { }

    /// <summary>Whether <see cref="Prepare"/> did something that a step is to follow.</summary>
    internal virtual bool IsPrepared => false;

    /// <summary>The step that was prepared will not be taken: undoes what <see cref="Prepare"/> did.</summary>
    internal virtual void Abandon() { }

    /// <summary>The state, and as a rule the parameters, have been replaced.</summary>
    private protected virtual void OnStateLoaded() { }

    /// <summary>Every parameter with its first state, as far as there is one.</summary>
    private protected IEnumerable<(Tensor Parameter, Tensor? First)> FirstStates() => _groups.SelectMany(group => group.States).Select(state => (state.Parameter, state.First));

    private int Collect(Group group)
    {
        if (_updates.Length < group.States.Length) _updates = new ParameterUpdate[group.States.Length];
        int count = 0;
        foreach (ParameterState state in group.States)
        {
            Tensor parameter = state.Parameter;
            if (state.Gradient is not { } gradient) continue;
            state.Ensure(Math.Min(StatesInUse, StateNamesOf(parameter).Length));
            _updates[count++] = new(parameter, gradient, state.First, state.Second, ++state.Step, state.Third);
        }

        return count;
    }

    private sealed class Group(ParameterGroup settings)
    {
        public readonly ParameterGroup Settings = settings;
        public readonly ParameterState[] States = [.. settings.Parameters.Select(parameter => new ParameterState(parameter))];
        public double Rate;
    }
}
