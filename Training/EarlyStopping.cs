using Gradwright.Kernels;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>
/// Ends a training when a metric has stopped improving: by validation where there is any, else by training. Whether larger or smaller is better, the metric knows
/// (<see cref="Metric.HigherIsBetter"/>). At the end the model can get the weights of its best epoch back.
/// </summary>
/// <example><code>
/// using var stopping = new EarlyStopping(patience: 5, keepBest: true);
/// var trainer = new Trainer(model, loss, optimizer, data) { Validation = validation, Callbacks = [stopping] };
/// trainer.Fit(epochs: 1000);
/// </code></example>
/// <remarks>
/// Earlier epochs are known from the trainer's history and the best weights are part of its checkpoints, so a resumed training stops where an uninterrupted one does, with
/// the same weights. These are put back when all epochs are done or the patience is over, not when something else ended the training: such a training can go on.
/// The optimizer and the checkpoint's <c>model.…</c> stay those of the last epoch. After more epochs than were asked for at first, <see cref="Trainer.Fit"/> goes on from
/// the weights that were put back.
/// </remarks>
public sealed class EarlyStopping : ITrainingCallback, IDisposable
{
    private const string EpochKey = "epoch";

    private readonly string _metric;
    private readonly long _patience;
    private readonly double _minImprovement;
    private readonly bool _keepBest;
    private readonly OrderedDictionary<string, Tensor> _kept = [];
    private Trainer? _trainer;      // whose weights are kept
    private long _keptEpoch;
    private bool _higherIsBetter;

    /// <summary>A callback that watches one metric.</summary>
    /// <param name="metric">Which; "loss" is always there.</param>
    /// <param name="patience">So many epochs in a row without improvement end the training, 1 or more.</param>
    /// <param name="minImprovement">Only what is better than the best by more than this, in the metric's unit, counts as an improvement. NaN never does.</param>
    /// <param name="keepBest">
    /// Copy parameters and buffers after each improvement, and put the last copy back at the end. Where validation measures a <see cref="Trainer.Average"/>, it is the
    /// average that is copied, and that becomes the parameters.
    /// </param>
    public EarlyStopping(string metric = "loss", long patience = 10, double minImprovement = 0, bool keepBest = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(metric);
        if (patience < 1)
            throw new ArgumentOutOfRangeException(nameof(patience), patience, $"EarlyStopping: patience counts epochs without improvement, 1 or more, but is {patience}.");
        if (!(double.IsFinite(minImprovement) && minImprovement >= 0))
            throw new ArgumentOutOfRangeException(nameof(minImprovement), minImprovement, $"EarlyStopping: minImprovement must be zero or positive, and finite, but is {minImprovement}. It is in the metric's unit.");
        (_metric, _patience, _minImprovement, _keepBest) = (metric, patience, minImprovement, keepBest);
    }

    /// <summary>The value of the best epoch; NaN before there is one.</summary>
    public double Best { get; private set; } = double.NaN;

    /// <summary>The best epoch: the last that was an improvement; 0 before there is one.</summary>
    public long BestEpoch { get; private set; }

    /// <summary>Epochs since then.</summary>
    public long Waited { get; private set; }

    /// <summary>Whether the patience is over.</summary>
    public bool IsOver => Waited >= _patience;

    public void Started(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        _higherIsBetter = trainer.RequireMetric(_metric, nameof(EarlyStopping)).HigherIsBetter;
        (Best, BestEpoch, Waited) = (double.NaN, 0, 0);
        foreach (EpochRecord epoch in trainer.History.Epochs) Judge(trainer, epoch);
        if (_trainer != trainer || _keptEpoch != BestEpoch) Forget();
        if (IsOver) trainer.Stop();
    }

    public void EpochEnded(Trainer trainer, EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(epoch);
        if (Judge(trainer, epoch) && _keepBest)
        {
            using WeightAverage.Swapped swapped = trainer.Average is { } average && trainer.Validation is not null ? average.Swap() : default;
            Keep(trainer, epoch.Epoch, trainer.Model.StateDictionary());
        }

        if (IsOver) trainer.Stop();
    }

    public void SaveState(Trainer trainer, Checkpoint state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (_kept.Count == 0) return;
        state.Set(EpochKey, _keptEpoch);
        foreach ((string name, Tensor tensor) in _kept) state.Tensors.Add(name, tensor);
    }

    public void LoadState(Trainer trainer, Checkpoint state)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(state);
        Forget();
        if (_keepBest && state.Tensors.Count > 0) Keep(trainer, state.Integer(EpochKey), state.Tensors);
    }

    public void Ended(Trainer trainer, TrainingEnd? end)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (_kept.Count > 0 && (end == TrainingEnd.Finished || (end == TrainingEnd.Stopped && IsOver))) trainer.Model.LoadState(_kept);
    }

    /// <summary>Frees the copy of the best weights.</summary>
    public void Dispose() => Forget();

    public override string ToString() => $"EarlyStopping({_metric}, patience: {_patience}, minImprovement: {_minImprovement}{(_keepBest ? ", keepBest: true" : "")})";

    // Whether the epoch is the best so far.
    private bool Judge(Trainer trainer, EpochRecord epoch)
    {
        double value = trainer.History.Of(_metric, epoch);
        bool isBetter = BestEpoch == 0 ? !double.IsNaN(value) : (_higherIsBetter ? value - Best : Best - value) > _minImprovement;
        if (isBetter) (Best, BestEpoch, Waited) = (value, epoch.Epoch, 0);
        else Waited++;
        return isBetter;
    }

    private void Keep(Trainer trainer, long epoch, IEnumerable<KeyValuePair<string, Tensor>> weights)
    {
        Forget();
        using TensorScope.Suspension suspension = TensorScope.Suspend();        // they outlive every scope
        foreach ((string name, Tensor tensor) in weights) _kept.Add(name, new Copy().Execute(tensor));
        (_trainer, _keptEpoch) = (trainer, epoch);
    }

    private void Forget()
    {
        foreach (Tensor tensor in _kept.Values) tensor.Dispose();
        _kept.Clear();
        (_trainer, _keptEpoch) = (null, 0);
    }
}
