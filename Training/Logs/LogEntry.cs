namespace Gradwright.Training;

/// <summary>A line of a log: of a step, or of an epoch.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">Optimizer steps taken.</param>
/// <param name="LearningRate">The rate of the last step.</param>
/// <param name="BatchLoss">A step's loss; null for an epoch.</param>
/// <param name="Training">Loss and metrics on the training data since the epoch began.</param>
/// <param name="Validation">Loss and metrics on the validation data; empty for a step, and without such data.</param>
public sealed record LogEntry(long Epoch, long Step, double LearningRate, double? BatchLoss, IReadOnlyList<double> Training, IReadOnlyList<double> Validation);
