namespace Gradwright.Training;

/// <summary>Why a training ended.</summary>
public enum TrainingEnd
{
    /// <summary>All epochs have been run.</summary>
    Finished,

    /// <summary>The largest number of steps was reached.</summary>
    StepLimit,

    /// <summary>The time was over.</summary>
    TimeLimit,

    /// <summary><see cref="Trainer.Stop"/> was called.</summary>
    Stopped,

    /// <summary>The cancellation token was set, such as by Ctrl-C.</summary>
    Cancelled,
}
