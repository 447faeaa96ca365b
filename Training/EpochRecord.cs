namespace Gradwright.Training;

/// <summary>What an epoch came to.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Step">Optimizer steps taken by its end.</param>
/// <param name="LearningRate">The rate of its last step.</param>
/// <param name="Seconds">Time spent in it, validation included; repeated steps after an interruption do not count.</param>
/// <param name="Training">Loss and metrics on the training data, while it was being learned.</param>
/// <param name="Validation">Loss and metrics on the validation data afterwards; empty without such data.</param>
public sealed record EpochRecord(
    long Epoch, long Step, double LearningRate, double Seconds, IReadOnlyList<double> Training, IReadOnlyList<double> Validation);
