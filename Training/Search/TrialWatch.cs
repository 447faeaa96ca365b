namespace Gradwright.Training;

/// <summary>Tells a search how a trial's training goes, and keeps its best weights.</summary>
internal sealed class TrialWatch(TrialContext trial, string metric, BestModels? best) : ITrainingCallback
{
    public void Started(Trainer trainer)
    {
        _ = trainer.RequireMetric(metric, nameof(TrialContext.Watch));
        best?.Started(trainer);
    }

    public void EpochEnded(Trainer trainer, EpochRecord epoch)
    {
        trial.Report(trainer.History.Of(metric, epoch));
        best?.EpochEnded(trainer, epoch);
    }

    public void Ended(Trainer trainer, TrainingEnd? end) => best?.Ended(trainer, end);
}
