using System.Globalization;
using Gradwright.Kernels;

namespace Gradwright.Optim;

public abstract partial class Optimizer
{
    private const string StepCountKey = "step_count", LearningRateKey = "learning_rate", StepKey = "step";

    /// <summary>
    /// Copies the state: step counts, states of every parameter that has been updated, what a <see cref="ReduceOnPlateau"/> remembers and, unless a schedule gives it,
    /// the learning rate. Loaded into an optimizer of the same kind over the same parameters, training goes on with the same bits.
    /// </summary>
    /// <returns>The copy, which the caller disposes.</returns>
    public OptimizerState SaveState()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        OptimizerState saved = new();
        saved.Numbers[StepCountKey] = StepCount;
        if (Schedule is ConstantSchedule) saved.Numbers[LearningRateKey] = LearningRate;
        foreach ((int i, ReduceOnPlateau schedule) in LearningSchedules())
            foreach ((string name, double value) in schedule.State) saved.Numbers[ScheduleKey(i, name)] = value;
        foreach ((string name, ParameterState state) in Named())
        {
            if (state.Step == 0) continue;
            saved.Numbers[$"{name}.{StepKey}"] = state.Step;
            ReadOnlySpan<string> names = StateNamesOf(state.Parameter);
            for (int i = 0; i < names.Length; i++)
                if (state[i] is { } tensor) saved.Tensors[$"{name}.{names[i]}"] = CopyOf(tensor);
        }

        return saved;
    }

    /// <summary>Replaces the state by copies of what <see cref="SaveState"/> gave. After an error the old state is untouched.</summary>
    /// <exception cref="ArgumentException">The saved state is not one of an optimizer of this kind over parameters of these names, shapes and types.</exception>
    public void LoadState(OptimizerState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        ObjectDisposedException.ThrowIf(_disposed, this);
        HashSet<string> unread = [.. saved.Numbers.Keys, .. saved.Tensors.Keys];
        List<ParameterState> loaded = [];
        List<(ReduceOnPlateau Schedule, (string, double)[] State)> schedules = [];
        try
        {
            long stepCount = ReadCount(saved, StepCountKey, unread) ?? throw new ArgumentException($"{Kind}: the saved state lacks the number '{StepCountKey}'. It was not saved by an optimizer.", nameof(saved));
            double rate = LearningRate;
            if (unread.Remove(LearningRateKey))
                rate = Require.Positive(saved.Numbers[LearningRateKey], Kind, LearningRateKey, "The saved state is damaged.");
            foreach ((int i, ReduceOnPlateau schedule) in LearningSchedules())
                schedules.Add((schedule, [.. schedule.State.Select(entry => (entry.Name, ReadNumber(saved, ScheduleKey(i, entry.Name), unread)))]));
            foreach ((string name, ParameterState state) in Named()) loaded.Add(Read(saved, name, state.Parameter, unread));
            if (unread.Count > 0)
            {
                throw new ArgumentException($"{Kind}: the saved state has {unread.Count} entries that belong to nothing here, such as '{unread.Order(StringComparer.Ordinal).First()}'. "
                    + $"It must come from a {Kind} over the same parameters, listed in the same order or named alike.", nameof(saved));
            }

            // From here on nothing fails.
            StepCount = stepCount;
            if (Schedule is ConstantSchedule) LearningRate = rate;
            foreach ((ReduceOnPlateau schedule, (string, double)[] state) in schedules) schedule.State = state;
        }
        catch
        {
            foreach (ParameterState state in loaded) state.Free();
            throw;
        }

        int next = 0;
        foreach (ParameterState state in _groups.SelectMany(group => group.States))
        {
            ParameterState from = loaded[next++];
            state.Free();
            (state.Step, state.First, state.Second, state.Third) = (from.Step, from.First, from.Second, from.Third);
        }

        OnStateLoaded();
    }

    private ParameterState Read(OptimizerState saved, string name, Tensor parameter, HashSet<string> unread)
    {
        ParameterState state = new(parameter);
        if (ReadCount(saved, $"{name}.{StepKey}", unread) is not { } step) return state;
        state.Step = step;
        try
        {
            ReadOnlySpan<string> names = StateNamesOf(parameter);
            for (int i = 0; i < names.Length; i++)
            {
                string key = $"{name}.{names[i]}";
                if (saved.Tensors.TryGetValue(key, out Tensor? tensor))
                {
                    if (tensor.Shape != parameter.Shape || tensor.DType != parameter.DType)
                        throw new ShapeException($"{Kind}: the saved '{key}' is {tensor.Shape} {tensor.DType}, but the parameter is {parameter.Describe()}. Shape and type must be equal.");
                    state[i] = state.CopyOf(tensor);
                    unread.Remove(key);
                }
                else if (i < StatesInUse)
                {
                    throw new ArgumentException($"{Kind}: the saved state lacks the tensor '{key}'. It must come from a {Kind} with the same options.", nameof(saved));
                }
            }
        }
        catch
        {
            state.Free();
            throw;
        }

        return state;
    }

    private long? ReadCount(OptimizerState saved, string key, HashSet<string> unread)
    {
        if (!saved.Numbers.TryGetValue(key, out double value)) return null;
        unread.Remove(key);
        return value is >= 0 and < 1L << 53 && value == Math.Floor(value) ? (long)value
            : throw new ArgumentException($"{Kind}: the saved '{key}' is {value}, but counts steps: it must be a whole number, not negative. The saved state is damaged.", nameof(saved));
    }

    private double ReadNumber(OptimizerState saved, string key, HashSet<string> unread)
        => unread.Remove(key) ? saved.Numbers[key]
            : throw new ArgumentException($"{Kind}: the saved state lacks the number '{key}'. It must come from a {Kind} with the same schedule.", nameof(saved));

    /// <summary>The schedules that remember something, numbered.</summary>
    private IEnumerable<(int Index, ReduceOnPlateau Schedule)> LearningSchedules()
        => _groups.Select(group => group.Settings.LearningRate).Prepend(Schedule).OfType<Schedule>().SelectMany(schedule => schedule.Learning())
            .Distinct<ReduceOnPlateau>(ReferenceEqualityComparer.Instance).Index();

    private static string ScheduleKey(int index, string name) => $"schedule.{index}.{name}";

    /// <summary>Every parameter under its name, or all under their positions when a name is missing or occurs twice.</summary>
    private IEnumerable<(string Name, ParameterState State)> Named()
    {
        List<ParameterState> all = [.. _groups.SelectMany(group => group.States)];
        HashSet<string> names = [];
        bool distinct = all.TrueForAll(state => state.Parameter.Name is { Length: > 0 } name && names.Add(name));
        return all.Select((state, i) => (distinct ? state.Parameter.Name! : i.ToString(CultureInfo.InvariantCulture), state));
    }

    private static Tensor CopyOf(Tensor tensor)
    {
        using (TensorScope.Suspend()) return new Copy().Execute(tensor);
    }
}
