using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Gradwright.Data;
using Gradwright.Optim;

namespace Gradwright.Training;

public sealed partial class Trainer
{
    private const double LeastScale = 1e-6;     // of a loss: what is not finite below it never will be

    private long BatchNumber => Data.State.Epoch * Data.BatchesPerEpoch + BatchInEpoch;

    /// <summary>Whether the batch that was handed out last is the last of its epoch.</summary>
    internal bool IsLastBatch => BatchInEpoch == Data.BatchesPerEpoch;

    // Of the batch that was handed out last, from 1.
    private long BatchInEpoch => (Data.State.Position + Data.BatchSize - 1) / Data.BatchSize;

    private double EpochSeconds => _earlierSeconds + Stopwatch.GetElapsedTime(_epochStart).TotalSeconds;

    // Null: the epoch is complete.
    private TrainingEnd? RunEpoch(IReadOnlyList<Tensor> parameters, long maxSteps, CancellationToken cancellation)
    {
        _epochStart = Stopwatch.GetTimestamp();
        Model.Train();
        Notify(callback => callback.EpochStarted(this));
        long epoch = Epoch + 1;
        foreach (Batch batch in Data)
        {
            double? loss = RunBatch(batch, parameters, isLast: IsLastBatch);
            if (_accumulator.Count > 0) continue;       // more batches of this step are to come
            if (loss is { } value)
                foreach (ITrainingCallback callback in Callbacks) callback.StepEnded(this, value);
            if (Interruption(maxSteps, cancellation) is { } end)
            {
                _earlierSeconds = EpochSeconds;
                return end;
            }

            if (loss is not null && Checkpoints is not null && CheckpointEvery > 0 && Step % CheckpointEvery == 0) SaveCheckpoint();
        }

        EndEpoch(epoch);
        return null;
    }

    // Why no further step is to be taken, if so.
    private TrainingEnd? Interruption(long maxSteps, CancellationToken cancellation)
        => cancellation.IsCancellationRequested ? TrainingEnd.Cancelled : _stop ? TrainingEnd.Stopped : Step >= maxSteps ? TrainingEnd.StepLimit
            : _time.Most < TimeSpan.MaxValue && Clock.GetElapsedTime(_time.Start) >= _time.Most ? TrainingEnd.TimeLimit : null;

    // The mean loss of the batches of a step; null as long as more of them are to come, and for a step that was left out.
    private double? RunBatch(Batch batch, IReadOnlyList<Tensor> parameters, bool isLast)
    {
        bool waits = false;
        try
        {
            Optimizer.Prepare();
            double value = RunBatch(batch);
            (_lossSum, _lossCount) = (_lossSum + value * batch.Count, _lossCount + batch.Count);
            waits = !_accumulator.IsComplete && !isLast;
            if (waits) return null;
            bool isAlone = _accumulator.Count == 1;
            _accumulator.Finish();
            return !Update(parameters) ? null : isAlone ? value : _lossSum / _lossCount;
        }
        finally
        {
            if (!waits)
            {
                _accumulator.Reset();
                (_lossSum, _lossCount) = (0, 0);
                Optimizer.ZeroGrad();
            }
        }
    }

    // Adds a batch's gradients; its mean loss.
    private double RunBatch(Batch batch)
    {
        using TensorScope scope = new();
        (Tensor input, Tensor target) = Mixup?.Apply(batch.Input, batch.Target, BatchNumber) ?? (batch.Input, batch.Target);
        using MixedPrecisions.Usage precision = UsePrecision();
        IReadOnlyList<Tensor> results = Differentiate(input, target);       // handed to the accelerator whole, before anything waits for it
        _accumulator.Add(batch.Count);
        double value = results[0].ToDouble();
        if (!double.IsFinite(value)) throw Diverged($"the loss is {value}", Step + 1);
        _meanLoss.Add(value, batch.Target);
        using Tape.Pause pause = Tape.NoRecord();
        foreach (Metric metric in Metrics) metric.Update(results[1], batch.Target);
        return value;
    }

    // Adds the gradients of a batch; its loss [], and the prediction if there are metrics to ask for it.
    private Tensor[] Differentiate(Tensor[] batch)
    {
        (Tensor input, Tensor target) = (batch[0], batch[1]);
        using Tape tape = new();
        Tensor prediction = Model.Forward(input), loss = _loss(prediction, target);
        if (Distillation is not null) loss = Distillation.Loss(input, prediction, loss);
        _accumulator.Differentiate(tape, LossScaler?.Scale(loss) ?? loss, input.Shape[0]);
        TensorScope.Keep(loss);
        return Metrics.Count == 0 ? [loss] : [loss, TensorScope.Keep(prediction)];
    }

    // False: the gradients have overflown, and the step was left out.
    private bool Update(IReadOnlyList<Tensor> parameters)
    {
        double norm = LossScaler?.Unscale(parameters) ?? 0;
        if (double.IsFinite(norm) && MaxGradientNorm is { } limit && !double.IsFinite(norm = Clip.ByNorm(parameters, limit, throwIfNotFinite: false)))
            throw Diverged($"the norm of the gradients is {norm}", Step + 1);
        if (double.IsFinite(norm))
        {
            if (MaxGradient is { } most) Clip.ByValue(parameters, most);
            foreach (ITrainingCallback callback in Callbacks) callback.Updating(this);
        }

        if (LossScaler is null) Optimizer.Step();
        else if (!LossScaler.Step(Optimizer, norm))
        {
            return LossScaler.State.Scale >= LeastScale ? false
                : throw Diverged($"the gradients are not finite, even with a loss scale of {LossScaler.State.Scale:G2},", Step + 1);
        }

        Average?.Update();
        return true;
    }

    private void EndEpoch(long epoch)
    {
        double[] training = Values();
        double[] validation = [];
        if (Validation is not null)
        {
            Measure(Validation);
            validation = Values();
        }

        EpochRecord record = new(epoch, Step, LastRate, EpochSeconds, training, validation);
        _earlierSeconds = 0;
        History.Add(record);
        try
        {
            Notify(callback => callback.EpochEnded(this, record));
        }
        finally
        {
            foreach (Metric metric in Running) metric.Reset();
        }
    }

    /// <summary>The precision in which this training runs the model, until it is disposed.</summary>
    internal MixedPrecisions.Usage UsePrecision() => (Precision == MixedPrecision.Off ? MixedPrecisions.Current : Precision).Use();

    private double[] Values() => [.. Running.Select(metric => metric.Value)];

    private DivergenceException Diverged(string what, long step)
    {
        _writing?.Wait();       // so that the last checkpoint is the last
        return new($"Training diverged: {what} at step {step} (epoch {Epoch + 1}, learning rate {Optimizer.LearningRate:G4}). "
            + $"Lower the learning rate, set {nameof(MaxGradientNorm)}, look for NaN in the data, or run the step under Anomaly.Detect() to name the op."
            + (Checkpoints?.List() is [.., { } last] ? $" The last checkpoint is {last.Path}." : ""));
    }

    // Everyone hears of it, also where another fails: one has a file to close, another a model to keep. What ended the training early is told rather than what failed then.
    private void NotifyEnded(TrainingEnd? end)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (ITrainingCallback callback in Callbacks)
        {
            try
            {
                callback.Ended(this, end);
            }
#pragma warning disable CA1031 // thrown again below
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        if (end is not null) failure?.Throw();
    }

    private void Notify(Action<ITrainingCallback> call)
    {
        foreach (ITrainingCallback callback in Callbacks) call(callback);
    }
}
