using System.Text;

namespace Gradwright.Training;

/// <summary>
/// A text file with a line per epoch and, if asked for, one every so many steps. Times are left out, so that the same training always gives the same file;
/// <see cref="TrainingHistory.SaveCsv"/> has them.
/// </summary>
public abstract class MetricLog : FileLog
{
    private readonly long _every;

    /// <param name="path">The file.</param>
    /// <param name="every">Steps between lines of steps; 0 writes epochs only.</param>
    protected MetricLog(string path, long every) : base(path)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(every);
        _every = every;
    }

    public override void StepEnded(Trainer trainer, double loss)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (_every == 0 || trainer.Step % _every != 0) return;
        Write(Line(trainer, new(trainer.Epoch + 1, trainer.Step, trainer.LastRate, loss, [.. trainer.Running.Select(metric => metric.Value)], [])));
    }

    public override void EpochEnded(Trainer trainer, EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(epoch);
        Write(Line(trainer, new(epoch.Epoch, epoch.Step, epoch.LearningRate, null, epoch.Training, epoch.Validation)));
    }

    protected override void Opened(Trainer trainer, bool isEmpty)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (isEmpty && Header(trainer) is { } header) Write(header);
    }

    /// <summary>The file's first line; null where it has none.</summary>
    protected virtual string? Header(Trainer trainer) => null;

    /// <summary>A line, without its end.</summary>
    protected abstract string Line(Trainer trainer, LogEntry entry);

    private void Write(string line)
    {
        File.Write(Encoding.UTF8.GetBytes($"{line}\n"));
        File.Flush();
    }
}
