using System.Globalization;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>
/// Keeps the weights of the best epochs as files: <c>epoch-000012-accuracy-0.9731.safetensors</c>. They are written while the training goes on; older ones are deleted only
/// when the better one is there. What <see cref="EarlyStopping"/> keeps in memory, this keeps on disk.
/// </summary>
/// <example><code>
/// BestModels best = new("run/best", "accuracy", keep: 3);
/// var trainer = new Trainer(model, loss, optimizer, data) { Validation = validation, Metrics = [new Accuracy()], Callbacks = [best] };
/// trainer.Fit(epochs: 20);
/// model.LoadWeights(best.Files[0]);
/// </code></example>
/// <remarks>
/// Which epochs are the best follows from the trainer's history alone, which is part of the checkpoints, so a resumed training keeps what an uninterrupted one does. Where
/// validation measures a <see cref="Trainer.Average"/>, it is the average that is kept. A file that cannot be written is reported; training goes on.
/// </remarks>
public sealed class BestModels : ITrainingCallback
{
    private readonly string _folder, _metric;
    private readonly int _keep;
    private readonly Action<string> _report;
    private BackgroundWrite? _writing;
    private string[] _best = [];

    /// <param name="folder">Where to keep them; made when the first is saved. Files of other names are never touched.</param>
    /// <param name="metric">By which metric, of validation where there is any, else of training; "loss" is always there.</param>
    /// <param name="keep">How many, at least 1. Of equal epochs the earlier is better, and NaN never is.</param>
    /// <param name="report">Hears what could not be written; the standard error stream does if nobody else.</param>
    public BestModels(string folder, string metric = "loss", int keep = 1, Action<string>? report = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(metric);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keep);
        (_folder, _metric, _keep, _report) = (Path.GetFullPath(folder), metric, keep, report ?? Console.Error.WriteLine);
    }

    /// <summary>The files of the best epochs that are there, the best first.</summary>
    public IReadOnlyList<string> Files => [.. _best.Where(File.Exists)];

    public void Started(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        _ = trainer.RequireMetric(_metric, nameof(BestModels));
        _best = [.. Best(trainer).Select(epoch => NameOf(trainer, epoch))];
    }

    public void EpochEnded(Trainer trainer, EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(epoch);
        string path = NameOf(trainer, epoch);
        _best = [.. Best(trainer).Select(e => NameOf(trainer, e))];
        if (!_best.Contains(path)) return;
        string[] worse = [.. trainer.History.Epochs.Select(e => NameOf(trainer, e)).Except(_best)];
        Dictionary<string, string> metadata = new()
        {
            ["epoch"] = CsvText.Number(epoch.Epoch), ["step"] = CsvText.Number(epoch.Step), ["metric"] = _metric, ["value"] = CsvText.Number(trainer.History.Of(_metric, epoch)),
        };
        Join();
        using WeightAverage.Swapped swapped = trainer.Average is { } average && trainer.Validation is not null ? average.Swap() : default;
        _writing = new(trainer.Model.StateDictionary(), weights =>
        {
            Safetensors.Save(path, weights, metadata);
            foreach (string old in worse) File.Delete(old);
        });
    }

    public void Ended(Trainer trainer, TrainingEnd? end) => Join();

    private IEnumerable<EpochRecord> Best(Trainer trainer)
    {
        double sign = trainer.RequireMetric(_metric, nameof(BestModels)).HigherIsBetter ? -1 : 1;
        return trainer.History.Epochs.Where(e => !double.IsNaN(trainer.History.Of(_metric, e))).OrderBy(e => sign * trainer.History.Of(_metric, e)).Take(_keep);
    }

    private string NameOf(Trainer trainer, EpochRecord epoch)
    {
        string metric = string.Concat(_metric.Select(c => char.IsLetterOrDigit(c) || c == '.' ? c : '-'));
        return Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch.Epoch:D6}-{metric}-{trainer.History.Of(_metric, epoch):G6}.safetensors"));
    }

    private void Join()
    {
        if (_writing?.Join() is { } failure) _report($"Could not keep a model in {_folder}: {failure.Message.TrimEnd('.')}. The training goes on.");
        _writing = null;
    }
}
