namespace Gradwright.Training;

/// <summary>
/// Looks on while a <see cref="Trainer"/> works. Callbacks are called in the order in which they were given, on the thread that trains;
/// what one throws ends the training.
/// </summary>
public interface ITrainingCallback
{
    /// <summary>Before the first step of <see cref="Trainer.Fit"/>.</summary>
    void Started(Trainer trainer) { }

    /// <summary>Before the first step of an epoch, or of what is left of it.</summary>
    void EpochStarted(Trainer trainer) { }

    /// <summary>Before the parameters are updated: their gradients are complete, unscaled and clipped, and may be looked at or changed. Not for a step that is left out.</summary>
    void Updating(Trainer trainer) { }

    /// <summary>After the parameters have been updated.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="loss">The batch's loss before the update.</param>
    void StepEnded(Trainer trainer, double loss) { }

    /// <summary>
    /// After an epoch and its validation; not for one that was interrupted. <see cref="Trainer.Running"/> still holds what the validation gathered, without one what the
    /// training did.
    /// </summary>
    void EpochEnded(Trainer trainer, EpochRecord epoch) { }

    /// <summary>A checkpoint is about to be written: adds what this callback has to remember. No other callback sees it, so any names will do.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="state">Empty. Tensors that are put in must live until <see cref="CheckpointSaved"/>.</param>
    void SaveState(Trainer trainer, Checkpoint state) { }

    /// <summary>A training goes on from a checkpoint, and all else has been restored.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="state">What <see cref="SaveState"/> gave; empty where the checkpoint was saved without such a callback. Its tensors are freed afterwards.</param>
    void LoadState(Trainer trainer, Checkpoint state) { }

    /// <summary>A checkpoint has been written.</summary>
    void CheckpointSaved(Trainer trainer, string path) { }

    /// <summary>After everything else, also when the training failed (<paramref name="end"/> is then null).</summary>
    void Ended(Trainer trainer, TrainingEnd? end) { }
}
