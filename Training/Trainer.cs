using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>
/// Trains a model on batches of inputs and targets: forward, loss, backward, update; after each epoch validation. A training with
/// <see cref="Checkpoints"/> may be killed at any moment: <see cref="Resume"/> goes on to the same final bits.
/// </summary>
/// <example><code>
/// var trainer = new Trainer(model, (y, t) => Loss.CrossEntropy(y, t), optimizer, data)
/// {
///     Validation = validation,
///     Metrics = [new Accuracy()],
///     Checkpoints = new CheckpointFolder("run/checkpoints"),
///     CheckpointEvery = 200,
///     Callbacks = [new ConsoleProgress()],
/// };
/// trainer.Resume();
/// trainer.Fit(epochs: 5);
/// </code></example>
/// <remarks>
/// The bits of a run depend on the model's initial values, the optimizer, the data and their seeds; never on time, on the number of
/// threads or on where it was interrupted. Callbacks that draw random numbers or change the model have to keep their own state
/// (<see cref="ITrainingCallback.SaveState"/>).
/// </remarks>
public sealed partial class Trainer
{
    private readonly Func<Tensor, Tensor, Tensor> _loss;
    private readonly MeanLoss _meanLoss;
    private TrainingHistory? _history;
    private GradientAccumulator _accumulator = null!;
    private double _lossSum, _lossCount;    // of the batches that wait for their step
    private double _earlierSeconds;         // spent in this epoch before an interruption
    private long _epochStart;               // timestamp
    private (long Start, TimeSpan Most) _time;          // of this call of Fit
    private volatile bool _stop;

    /// <summary>A trainer; nothing runs yet.</summary>
    /// <param name="model">Maps a batch of inputs to predictions. Its parameters must exist: <see cref="Module{TIn, TOut}.Build"/> makes those of layers that infer their sizes.</param>
    /// <param name="loss">(prediction, target) → [], the batch's mean loss.</param>
    /// <param name="optimizer">Updates the model's parameters.</param>
    /// <param name="data">What to learn.</param>
    public Trainer(Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> loss, Optimizer optimizer, DataLoader data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(data);
        (Model, _loss, Optimizer, Data) = (model, loss, optimizer, data);
        _meanLoss = new(loss);
    }

    public Module<Tensor, Tensor> Model { get; }

    public Optimizer Optimizer { get; }

    public DataLoader Data { get; }

    /// <summary>What to validate with after each epoch.</summary>
    public DataLoader? Validation { get; init; }

    /// <summary>What to measure besides the loss.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = [];

    /// <summary>Gradients are scaled down to this norm, all together; null leaves them as they are.</summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>Every element of every gradient is cut to −this … this, after <see cref="MaxGradientNorm"/>; null leaves them as they are.</summary>
    public double? MaxGradient { get; init; }

    /// <summary>
    /// Batches whose gradients make up one optimizer step: the training of a batch so many times as large, in the memory of a small one. The last step of an epoch
    /// may have fewer. Batch norms see the small batches.
    /// </summary>
    public int AccumulateSteps
    {
        get;
        init => field = value > 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"Trainer: {nameof(AccumulateSteps)} is the number of batches for one step, 1 or more.");
    } = 1;

    /// <summary>
    /// The precision of forward passes, validation included. Off: as the caller of <see cref="Fit"/> has it. Parameters, gradients and optimizer stay in Float32.
    /// </summary>
    public MixedPrecision Precision { get; init; }

    /// <summary>
    /// Scales the loss, so that gradients of 16 bits do not vanish; part of the checkpoints. <see cref="MixedPrecision.Float16"/> gets one with the usual settings where
    /// none is given; otherwise null scales nothing. A step whose gradients are not finite is left out: its batch is used up, but not counted by <see cref="Step"/>.
    /// </summary>
    public LossScaler? LossScaler
    {
        get => field ??= Precision == MixedPrecision.Float16 ? new() : null;
        init;
    }

    /// <summary>Mixes the samples of each training batch; null trains on them as they are. <see cref="Metrics"/> compare with the targets as they were.</summary>
    public Mixup? Mixup { get; init; }

    /// <summary>A teacher to learn from beside the targets; null learns from the targets alone.</summary>
    public Distillation? Distillation { get; init; }

    /// <summary>An average of the model's parameters: it takes them in after each step, stands in their place during validation, and is part of the checkpoints.</summary>
    public WeightAverage? Average { get; init; }

    public IReadOnlyList<ITrainingCallback> Callbacks { get; init; } = [];

    /// <summary>Loss and metrics as gathered in the current epoch so far: the loss is the first.</summary>
    public IReadOnlyList<Metric> Running => [_meanLoss, .. Metrics];

    /// <summary>The completed epochs.</summary>
    public TrainingHistory History => _history ??= new(Running);

    /// <summary>Optimizer steps taken.</summary>
    public long Step => Optimizer.StepCount;

    /// <summary>The learning rate of the last step; before the first, that of the first.</summary>
    public double LastRate => Optimizer.Schedule.Rate(Math.Max(0, Step - 1));

    /// <summary>Epochs completed.</summary>
    public long Epoch => Data.State.Epoch;

    /// <summary>The clock that a time limit goes by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The number of epochs that <see cref="Fit"/> was asked for.</summary>
    public long Epochs { get; private set; }

    /// <summary>Trains until <paramref name="epochs"/> epochs have been completed in all, those before a resumption included.</summary>
    /// <param name="epochs">When to end.</param>
    /// <param name="maxSteps">End after this many optimizer steps in all, if that is earlier. The epoch that it cuts short goes on at the next call.</param>
    /// <param name="maxTime">
    /// End after the step in which so much time has passed since this call began, if that is earlier; null sets no limit. The learning rate follows the steps, not the time,
    /// so what was cut short goes on at the next call to the bits of a training that never was.
    /// </param>
    /// <param name="cancellation">Ends the training after the step that is running.</param>
    /// <returns>Why it ended.</returns>
    /// <exception cref="DivergenceException">The loss, a gradient or a parameter is not finite. The last checkpoint stays.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written. Those before stay.</exception>
    public TrainingEnd Fit(long epochs, long maxSteps = long.MaxValue, TimeSpan? maxTime = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epochs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxSteps);
        if (maxTime is { } most) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(most, TimeSpan.Zero, nameof(maxTime));
        _time = (Clock.GetTimestamp(), maxTime ?? TimeSpan.MaxValue);
        IReadOnlyList<Tensor> parameters = Model.Parameters();
        (Epochs, _stop) = (epochs, false);
        _accumulator = new(parameters, AccumulateSteps);
        if (Mixup is not null && Data.SmallestBatch < 2)
            throw new InvalidOperationException($"Trainer: {Mixup} takes two samples, but {(Data.BatchSize < 2 ? "batches have 1" : "the last batch of an epoch has 1")}. Use larger batches, or dropLast: true in the DataLoader.");
        _ = History;        // refuses metrics that cannot be told apart before anything runs
        TrainingEnd? end = null;
        Exception? unwritten = null;
        try
        {
            Notify(callback => callback.Started(this));
            while (end is null && Epoch < epochs && (end = Interruption(maxSteps, cancellation)) is null)
            {
                end = RunEpoch(parameters, maxSteps, cancellation);
                if (Checkpoints is not null) SaveCheckpoint();
            }

            end ??= TrainingEnd.Finished;
        }
        finally
        {
            unwritten = JoinCheckpoint();
            ForgetCaptures();
            NotifyEnded(end);
        }

        return unwritten is null ? end.Value
            : throw new IOException($"The training went as far as step {Step} ({end}), but its last checkpoint could not be written: {unwritten.Message.TrimEnd('.')}. The model in memory is intact: save it elsewhere.", unwritten);
    }

    /// <summary>What the trainer was given; for <see cref="Doctor"/>.</summary>
    internal Func<Tensor, Tensor, Tensor> LossFunction => _loss;

    /// <summary>The metric of this name, or an error that lists those there are.</summary>
    internal Metric RequireMetric(string name, string caller)
        => Running.FirstOrDefault(metric => metric.Name == name)
            ?? throw new ArgumentException($"{caller}: there is no metric '{name}', only {string.Join(", ", History.Metrics)}. Add it to the trainer's {nameof(Metrics)}.");

    /// <summary>A batch of one input of zeros, to learn the model's shapes from.</summary>
    internal Tensor ZeroInput() => Tensor.Zeros([1, .. Data.Input.Shape], Data.Input.DType);

    /// <summary>Asks the training to end after the step that is running, or before the next one; for callbacks. An epoch that is complete is not undone by it.</summary>
    public void Stop() => _stop = true;
}
