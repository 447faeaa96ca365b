using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>
/// An event file that TensorBoard shows: loss, metrics and learning rate as curves; the model as a graph, it and the settings as texts; histograms of parameters and gradients, and
/// pictures, where asked for.
/// </summary>
/// <example><code>
/// using TensorBoardLog board = new("runs/first", every: 10, histogramsEvery: 500)
/// {
///     Pictures = trainer => [("confusion", recall.Matrix.ToPicture())],
/// };
/// var trainer = new Trainer(model, loss, optimizer, data) { Callbacks = [board] };
/// </code></example>
/// <remarks>A TensorBoard that was watching while a killed training is resumed has to be started again: it does not expect a file to get shorter.</remarks>
public sealed class TensorBoardLog : FileLog
{
    /// <summary>The file's name. TensorBoard takes files with "tfevents" in it; it is always the same, so that a resumed training finds it.</summary>
    public const string FileName = "events.out.tfevents.gradwright";

    private readonly long _every, _histogramsEvery;
    private readonly TimeProvider? _time;
    private TensorBoardWriter? _writer;

    /// <param name="folder">The run's folder; TensorBoard compares those with a common parent.</param>
    /// <param name="every">Steps between points of the batch loss and the learning rate; 0 writes epochs only.</param>
    /// <param name="histogramsEvery">Steps between histograms of all parameters and their gradients; 0 writes none.</param>
    /// <param name="time">What to take the records' times from; null: the system's clock.</param>
    public TensorBoardLog(string folder, long every = 10, long histogramsEvery = 0, TimeProvider? time = null) : base(System.IO.Path.Combine(folder, FileName))
    {
        ArgumentOutOfRangeException.ThrowIfNegative(every);
        ArgumentOutOfRangeException.ThrowIfNegative(histogramsEvery);
        (_every, _histogramsEvery, _time) = (every, histogramsEvery, time);
    }

    /// <summary>Whether to run the model once at the beginning, on zeros, to show its graph.</summary>
    public bool Graph { get; init; } = true;

    /// <summary>What to show after each epoch, by tag; metrics still hold what the validation gathered.</summary>
    public Func<Trainer, IEnumerable<(string Tag, Picture Picture)>>? Pictures { get; init; }

    /// <summary>Takes whatever else is to be shown, while a training runs.</summary>
    /// <exception cref="InvalidOperationException">No training is running.</exception>
    public TensorBoardWriter Writer
    {
        get
        {
            _ = File;       // explains when it is open
            return _writer!;
        }
    }

    /// <summary>Parameters before the step, and the gradients that belong to them.</summary>
    public override void Updating(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        long step = trainer.Step + 1;
        if (_histogramsEvery == 0 || step % _histogramsEvery != 0) return;
        foreach ((string name, Tensor parameter) in trainer.Model.NamedParameters())
        {
            Writer.AddHistogram($"parameters/{name}", parameter, step);
            if (parameter.Grad is { } gradient) Writer.AddHistogram($"gradients/{name}", gradient, step);
        }
    }

    public override void StepEnded(Trainer trainer, double loss)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (_every == 0 || trainer.Step % _every != 0) return;
        Writer.AddScalar("step/loss", loss, trainer.Step);
        Writer.AddScalar("step/learning rate", trainer.LastRate, trainer.Step);
        Writer.Flush();
    }

    public override void EpochEnded(Trainer trainer, EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(epoch);
        IReadOnlyList<string> metrics = trainer.History.Metrics;
        for (int i = 0; i < metrics.Count; i++)
        {
            Writer.AddScalar($"{metrics[i]}/training", epoch.Training[i], epoch.Step);
            if (i < epoch.Validation.Count) Writer.AddScalar($"{metrics[i]}/validation", epoch.Validation[i], epoch.Step);
        }

        Writer.AddScalar("epoch", epoch.Epoch, epoch.Step);
        foreach ((string tag, Picture picture) in Pictures?.Invoke(trainer) ?? []) Writer.AddImage(tag, picture, epoch.Step);
        Writer.Flush();
    }

    protected override void Opened(Trainer trainer, bool isEmpty)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        _writer = new(File, _time);
        if (!isEmpty) return;
        _writer.AddText("model", $"`{trainer.Model}`", 0);
        if (Graph)
        {
            using TensorScope scope = new();
            _writer.AddGraph(trainer.Model, trainer.ZeroInput());
        }

        if (trainer.Settings.Count > 0)
            _writer.AddText("settings", string.Join('\n', ["| name | value |", "|---|---|", .. trainer.Settings.Select(entry => $"| {entry.Key} | {entry.Value} |")]), 0);
    }
}
