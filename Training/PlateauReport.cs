using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>Tells a <see cref="ReduceOnPlateau"/> a metric after each epoch: by validation where there is any, else by training.</summary>
/// <param name="schedule">What to tell.</param>
/// <param name="metric">Which metric; "loss" is always there.</param>
public sealed class PlateauReport(ReduceOnPlateau schedule, string metric = "loss") : ITrainingCallback
{
    public void EpochEnded(Trainer trainer, EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(epoch);
        schedule.Report(trainer.History.Of(metric, epoch));
    }
}
