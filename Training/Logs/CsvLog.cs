namespace Gradwright.Training;

/// <summary>
/// A table that grows as the training goes on: epoch, step, learning rate, the batch's loss (of steps only), and training and validation values of each metric (the
/// latter of epochs only). In a row of a step the training values are those since the epoch began.
/// </summary>
/// <example><code>
/// using CsvLog log = new("run/log.csv", every: 100);
/// var trainer = new Trainer(model, loss, optimizer, data) { Checkpoints = new("run/checkpoints"), Callbacks = [log] };
/// </code></example>
/// <inheritdoc cref="MetricLog(string, long)" path="/param"/>
public sealed class CsvLog(string path, long every = 0) : MetricLog(path, every)
{
    protected override string Header(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        return CsvText.Line(["epoch", "step", "learning rate", "batch loss", .. CsvText.Titles(trainer.History.Metrics)]);
    }

    protected override string Line(Trainer trainer, LogEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return CsvText.Line([$"{entry.Epoch}", $"{entry.Step}", CsvText.Number(entry.LearningRate), entry.BatchLoss is { } loss ? CsvText.Number(loss) : "",
            .. CsvText.Pairs(entry.Training, entry.Validation)]);
    }
}
