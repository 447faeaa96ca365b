using System.Globalization;
using Gradwright.Data;
using Gradwright.Optim;

namespace Gradwright.Training;

public sealed partial class Trainer
{
    private const string ModelPrefix = "model.", OptimizerPrefix = "optimizer.", GeneratorPrefix = "generator.", MetricPrefix = "metric.", HistoryPrefix = "history.", SettingPrefix = "setting.", AveragePrefix = "average.", CallbackPrefix = "callback.", ScalerPrefix = "scaler.";
    private const string SeedKey = "data.seed", EpochKey = "data.epoch", PositionKey = "data.position", SecondsKey = "epoch.seconds", None = "none";

    private BackgroundWrite? _writing;
    private StoredCheckpoint _written;      // by the last background write

    /// <summary>Where to save checkpoints; null saves none.</summary>
    public CheckpointFolder? Checkpoints { get; init; }

    /// <summary>Optimizer steps between checkpoints: the most that are repeated after an interruption. One is saved at each epoch's end anyway; 0 saves only those.</summary>
    public int CheckpointEvery
    {
        get;
        init => field = value >= 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"Trainer: {nameof(CheckpointEvery)} counts steps and must not be negative. 0 saves a checkpoint at the end of each epoch.");
    }

    /// <summary>
    /// Whether checkpoints are written while the training goes on, from copies in host memory; <see cref="Fit"/> waits for the last one at its end. One that cannot be written
    /// is reported (as <see cref="Checkpoints"/> reports other surprises) and costs nothing that was saved before; if it is the last one, <see cref="Fit"/> throws at its end.
    /// Off, a checkpoint that cannot be written ends the training at once.
    /// </summary>
    public bool WriteInBackground { get; init; }

    /// <summary>What else the bits of this run depend on, by name: sizes, seeds, options. Saved with each checkpoint; one with other settings is refused.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Goes back to the newest whole checkpoint: parameters, buffers, optimizer, generators, place in the data, metrics of the epoch that
    /// was running, history. Without any checkpoint nothing changes.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="InvalidOperationException"><see cref="Checkpoints"/> is not set, or the checkpoint was saved under other <see cref="Settings"/>.</exception>
    /// <exception cref="CheckpointFormatException">The checkpoint is not one of a training like this.</exception>
    public bool Resume()
    {
        if (Checkpoints is null)
            throw new InvalidOperationException($"Trainer.Resume: there is nowhere to look for checkpoints. Set {nameof(Checkpoints)}.");
        using TensorScope scope = new();
        if (Checkpoints.Latest() is not { } newest) return false;
        Checkpoint checkpoint = newest.Load();
        RequireSettings(checkpoint, newest.Path);
        try
        {
            Restore(checkpoint);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            throw new CheckpointFormatException($"{newest.Path} was not saved by a training like this one. {e.Message}", e);
        }

        return true;
    }

    private void SaveCheckpoint()
    {
        foreach ((string name, Tensor parameter) in Model.NamedParameters())
        {
            using TensorScope scope = new();
            if (parameter.IsFinite().All().ToDouble() == 0) throw Diverged($"parameter '{name}' is not finite, so no checkpoint was saved,", Step);
        }

        using OptimizerState optimizer = Optimizer.SaveState();
        using OptimizerState? average = Average?.SaveState();
        Checkpoint checkpoint = Snapshot(optimizer, average);
        if (!WriteInBackground)
        {
            Tell(Checkpoints!.Save(Step, checkpoint));
            return;
        }

        JoinCheckpoint();
        (CheckpointFolder folder, long step) = (Checkpoints!, Step);
        _writing = new(checkpoint.Tensors, copies => _written = folder.Save(step, new(copies, checkpoint.Values)));
    }

    // Waits for the checkpoint that is being written, if one is. Why it could not be, or null.
    private Exception? JoinCheckpoint()
    {
        if (_writing is null) return null;
        (BackgroundWrite writing, _writing) = (_writing, null);
        Exception? failure = writing.Join();
        if (failure is null) Tell(_written);
        else Checkpoints!.Report($"A checkpoint could not be written: {failure.Message.TrimEnd('.')}. Those before it are whole.");
        return failure;
    }

    private void Tell(StoredCheckpoint stored) => Notify(callback => callback.CheckpointSaved(this, stored.Path));

    /// <summary>A checkpoint's model: parameters and buffers by path.</summary>
    internal static Dictionary<string, Tensor> ModelState(Checkpoint checkpoint) => Named(checkpoint.Tensors, ModelPrefix).ToDictionary();

    private Checkpoint Snapshot(OptimizerState optimizer, OptimizerState? average)
    {
        Checkpoint checkpoint = new();
        foreach ((string name, Tensor tensor) in Model.StateDictionary()) checkpoint.Tensors.Add(ModelPrefix + name, tensor);
        AddState(OptimizerPrefix, optimizer);
        if (average is not null) AddState(AveragePrefix, average);
        if (LossScaler is not null)
        {
            (double scale, int goodSteps, long skippedSteps) = LossScaler.State;
            checkpoint.Set($"{ScalerPrefix}scale", scale);
            checkpoint.Set($"{ScalerPrefix}good_steps", goodSteps);
            checkpoint.Set($"{ScalerPrefix}skipped_steps", skippedSteps);
        }

        foreach ((string name, Generator generator) in Model.NamedGenerators()) checkpoint.Set(GeneratorPrefix + name, $"{generator.State.Key} {generator.State.Counter}");
        foreach ((string name, string value) in Settings) checkpoint.Set(SettingPrefix + name, value);
        LoaderState data = Data.State;
        checkpoint.Set(SeedKey, data.Seed?.ToString(CultureInfo.InvariantCulture) ?? None);
        checkpoint.Set(EpochKey, data.Epoch);
        checkpoint.Set(PositionKey, data.Position);
        checkpoint.Set(SecondsKey, data.Position == 0 ? 0 : EpochSeconds);
        foreach (Metric metric in Running) checkpoint.Set(MetricPrefix + metric.Name, Join(metric.State));
        foreach (EpochRecord e in History.Epochs)
            checkpoint.Set(HistoryPrefix + e.Epoch, Join([e.Step, e.LearningRate, e.Seconds, .. e.Training, .. e.Validation]));
        foreach ((string prefix, ITrainingCallback callback) in NamedCallbacks())
        {
            Checkpoint own = new();
            callback.SaveState(this, own);
            foreach ((string name, Tensor tensor) in own.Tensors) checkpoint.Tensors.Add(prefix + name, tensor);
            foreach ((string name, string value) in own.Values) checkpoint.Set(prefix + name, value);
        }

        return checkpoint;

        void AddState(string prefix, OptimizerState state)
        {
            foreach ((string name, Tensor tensor) in state.Tensors) checkpoint.Tensors.Add(prefix + name, tensor);
            foreach ((string name, double number) in state.Numbers) checkpoint.Set(prefix + name, number);
        }
    }

    private void Restore(Checkpoint checkpoint)
    {
        LoaderState data = new(checkpoint.Text(SeedKey) is not None and var seed ? ulong.Parse(seed, CultureInfo.InvariantCulture) : null,
            checkpoint.Integer(EpochKey), checkpoint.Integer(PositionKey));
        EpochRecord[] history = [.. Enumerable.Range(1, checked((int)data.Epoch)).Select(epoch => ParseEpoch(epoch, Split(checkpoint.Text($"{HistoryPrefix}{epoch}"))))];
        (Metric, double[])[] metrics = [.. Running.Select(metric => (metric, Split(checkpoint.Text(MetricPrefix + metric.Name))))];
        (Generator, GeneratorState)[] generators =
            [.. Model.NamedGenerators().Select(entry => (entry.Generator, ParseGenerator(checkpoint.Text(GeneratorPrefix + entry.Name))))];
        LossScalerState scaler = LossScaler is null ? default
            : new(checkpoint.Number($"{ScalerPrefix}scale"), checked((int)checkpoint.Integer($"{ScalerPrefix}good_steps")), checkpoint.Integer($"{ScalerPrefix}skipped_steps"));

        using OptimizerState optimizer = State(OptimizerPrefix), average = State(AveragePrefix);
        Model.LoadState(ModelState(checkpoint));
        Optimizer.LoadState(optimizer);
        Average?.LoadState(average);
        if (LossScaler is not null) LossScaler.State = scaler;
        foreach ((Generator generator, GeneratorState state) in generators) generator.State = state;
        foreach ((Metric metric, double[] state) in metrics) metric.State = state;
        History.Replace(history);
        Data.State = data;
        _earlierSeconds = checkpoint.Number(SecondsKey);
        foreach ((string prefix, ITrainingCallback callback) in NamedCallbacks())
        {
            Checkpoint own = new();
            foreach ((string name, Tensor tensor) in Named(checkpoint.Tensors, prefix)) own.Tensors.Add(name, tensor);
            foreach ((string name, string value) in Named(checkpoint.Values, prefix)) own.Set(name, value);
            callback.LoadState(this, own);
        }

        // Its tensors are the checkpoint's.
        OptimizerState State(string prefix)
        {
            OptimizerState state = new();
            foreach ((string name, Tensor tensor) in Named(checkpoint.Tensors, prefix)) state.Tensors.Add(name, tensor);
            foreach ((string name, _) in Named(checkpoint.Values, prefix)) state.Numbers.Add(name, checkpoint.Number(prefix + name));
            return state;
        }
    }

    private void RequireSettings(Checkpoint checkpoint, string path)
    {
        Dictionary<string, string> saved = Named(checkpoint.Values, SettingPrefix).ToDictionary();
        string[] differences =
        [
            .. saved.Keys.Union(Settings.Keys).Where(name => saved.GetValueOrDefault(name) != Settings.GetValueOrDefault(name))
                .Select(name => $"{name} was {saved.GetValueOrDefault(name) ?? None} and is {Settings.GetValueOrDefault(name) ?? None}"),
        ];
        if (differences.Length > 0)
            throw new InvalidOperationException($"{path} was saved by a run with other settings: {string.Join("; ", differences)}. Resume with the same settings, or start a run in another folder.");
    }

    // By type, and by place among those of the same type: one more callback of another kind changes no name.
    private IEnumerable<(string Prefix, ITrainingCallback Callback)> NamedCallbacks()
        => Callbacks.GroupBy(callback => callback.GetType().Name).SelectMany(group => group.Select((callback, i) => ($"{CallbackPrefix}{group.Key}.{i}.", callback)));

    private EpochRecord ParseEpoch(long epoch, double[] values)
    {
        int metrics = Metrics.Count + 1;
        return values.Length == 3 + metrics || values.Length == 3 + 2 * metrics
            ? new(epoch, (long)values[0], values[1], values[2], values[3..(3 + metrics)], values[(3 + metrics)..])
            : throw new FormatException($"Its history of epoch {epoch} has {values.Length} numbers, but {metrics} metrics need {3 + metrics} or {3 + 2 * metrics}.");
    }

    private static GeneratorState ParseGenerator(string text)
        => text.Split(' ') is [var key, var counter] ? new(ulong.Parse(key, CultureInfo.InvariantCulture), ulong.Parse(counter, CultureInfo.InvariantCulture))
            : throw new FormatException($"'{text}' is no generator's state.");

    private static IEnumerable<(string Name, T Value)> Named<T>(IEnumerable<KeyValuePair<string, T>> entries, string prefix)
        => entries.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(entry => (entry.Key[prefix.Length..], entry.Value));

    private static string Join(IEnumerable<double> values) => string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private static double[] Split(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
}
