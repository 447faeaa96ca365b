using System.Text;
using System.Text.Json;
using Gradwright.Data;
using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// Writes what is known of a training as one HTML page, after each epoch and at the end: curves, confusion matrix, the worst predictions, the first layer's filters, how
/// weights, gradients and activations are spread, the model, hyper-parameters, command line and environment. The page needs no other file, no script and no network.
/// </summary>
/// <example><code>
/// using HtmlReport report = new("run/report.html") { Title = "Digits" };
/// var trainer = new Trainer(model, loss, optimizer, data) { Validation = validation, Metrics = [new Accuracy()], Callbacks = [report] };
/// </code></example>
/// <remarks>
/// It only looks: a training with a report ends with the same bits as one without. Curves and the last epoch's findings are part of the checkpoints, so the report of a
/// resumed training is whole. A report that cannot be written is an error before the first step; later it is told, and the training goes on.
/// </remarks>
/// <param name="path">The file, which appears whole or not at all; null writes none, and leaves the report to <see cref="Current"/>.</param>
/// <param name="tell">Hears why the report could not be written; the standard error stream does if nobody else.</param>
public sealed class HtmlReport(string? path = null, Action<string>? tell = null) : ITrainingCallback, IDisposable
{
    private const int MostRatios = 6;
    private const string StepsKey = "steps", UpdatesKey = "updates", ViewKey = "view", GradientsKey = "gradients";

    private readonly Lock _lock = new();        // what another thread may read while the training goes on
    private readonly Action<string> _tell = tell ?? Console.Error.WriteLine;
    private readonly StepSeries _steps = new(2);        // loss, learning rate
    private Dictionary<string, TensorHistogram> _gradients = [];     // of the epoch's last step, until the epoch is done
    private UpdateMeter? _meter;
    private Trainer? _trainer;      // whose training it is
    private TrainingReport? _current;
    private EpochView? _view;
    private IReadOnlyList<SaliencyView> _saliency = [];
    private string? _viewText;      // as checkpoints keep it

    /// <summary>The file's full name, if there is one.</summary>
    public string? Path { get; } = path is null ? null : System.IO.Path.GetFullPath(path);

    /// <summary>What is trained.</summary>
    public string Title { get; init; } = "Training";

    /// <summary>The classes' names, in their order; without them they are numbered.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>How many validation samples are looked at after each epoch, rounded up to whole batches; without validation, training samples.</summary>
    public int Samples
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"HtmlReport: {nameof(Samples)} must be positive. 1000 is usual.");
    } = 1000;

    /// <summary>How many of the worst predictions are shown.</summary>
    public int Shown
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"HtmlReport: {nameof(Shown)} must not be negative. 0 shows none.");
    } = 24;

    /// <summary>Steps between measurements of gradients and updates; 0 measures none. Each copies up to six weights.</summary>
    public long MeasureEvery
    {
        get;
        init => field = value >= 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"HtmlReport: {nameof(MeasureEvery)} counts steps and must not be negative. 0 measures none.");
    } = 20;

    /// <summary>
    /// How to draw an input, without its batch dimension. Null: inputs [channels, height, width] with 1 or 3 channels and [height, width] are drawn, their least value
    /// black, their greatest white; others are not.
    /// </summary>
    public Func<Tensor, Picture>? Draw { get; init; }

    /// <summary>
    /// At the end of the training, show what the network looks at: for one sample of each class, up to eight, saliency maps by several methods (<see cref="Training.Saliency"/>).
    /// Only for classifiers of pictures; costs some 100 passes over those few samples, once.
    /// </summary>
    public bool Saliency { get; init; }

    /// <summary>How the program was called.</summary>
    public string CommandLine { get; init; } = Environment.CommandLine;

    /// <summary>The report at this moment; null before a training has started. Any thread may ask.</summary>
    public TrainingReport? Current
    {
        get
        {
            lock (_lock)
            {
                if (_current is null) return null;
                string[] ratios = [.. _meter?.Names ?? []];
                return _current with
                {
                    Written = TimeProvider.System.GetUtcNow(),
                    Loss = _steps.Curve("loss", 0),
                    LearningRate = _steps.Curve("learning rate", 1),
                    GradientNorm = _meter?.Series.Curve("gradient norm", 0) ?? new("gradient norm", [], []),
                    UpdateRatios = _meter is null ? [] : [.. ratios.Select((name, i) => _meter.Series.Curve(name, 1 + i))],
                    View = _view,
                    Saliency = _saliency,
                };
            }
        }
    }

    void ITrainingCallback.Started(Trainer trainer)
    {
        bool isAnother = _trainer != trainer;
        _trainer = trainer;
        StepCurve none = new("", [], []);
        TrainingReport begun = new()
        {
            Title = Title,
            Status = ReportStatus.Running,
            Written = default,
            Step = trainer.Step,
            Steps = trainer.Epochs * ReportEnvironment.StepsPerEpoch(trainer),
            Epochs = trainer.Epochs,
            Metrics = [.. trainer.Running.Select(metric => new ReportMetric(metric.Name, metric.HigherIsBetter))],
            History = [.. trainer.History.Epochs],
            Loss = none,
            LearningRate = none,
            GradientNorm = none,
            Classes = Classes,
            Layers = Summarize(trainer),
            Facts = [ReportEnvironment.HyperParameters(trainer), ReportEnvironment.Run(CommandLine), ReportEnvironment.Machine()],
        };
        lock (_lock)
        {
            if (isAnother) Forget();
            if (_meter is null && MeasureEvery > 0) _meter = new(trainer.Model.NamedParameters(), MostRatios);
            _current = begun;
        }

        Write(mustSucceed: true);
    }

    void ITrainingCallback.Updating(Trainer trainer)
    {
        if (MeasureEvery > 0 && (trainer.Step + 1) % MeasureEvery == 0) _meter?.Before();
        if (!trainer.IsLastBatch) return;
        _gradients.Clear();
        foreach ((string name, Tensor parameter) in trainer.Model.NamedParameters())
            if (parameter.Grad is { } gradient) _gradients[name] = TensorHistogram.Of(gradient, ModelProbe.Buckets);
    }

    void ITrainingCallback.StepEnded(Trainer trainer, double loss)
    {
        lock (_lock)
        {
            _meter?.After(trainer.Step);
            _steps.Add(trainer.Step, loss, trainer.LastRate);
            _current = _current! with { Step = trainer.Step };
        }
    }

    void ITrainingCallback.EpochEnded(Trainer trainer, EpochRecord epoch)
    {
        EpochView view = new ModelProbe(trainer, Samples, Shown, Draw).Look(epoch.Epoch, _gradients);
        lock (_lock)
        {
            (_view, _viewText) = (view, null);
            _gradients = [];
            _current = _current! with { History = [.. trainer.History.Epochs] };
        }

        Write(mustSucceed: false);
    }

    void ITrainingCallback.SaveState(Trainer trainer, Checkpoint state)
    {
        if (_trainer != trainer) return;
        state.Set(StepsKey, _steps.Save());
        if (_meter is not null) state.Set(UpdatesKey, _meter.Series.Save());
        if (_gradients.Count > 0) state.Set(GradientsKey, JsonSerializer.Serialize(_gradients, ReportJson.Default.Gradients));
        if (_view is not null) state.Set(ViewKey, _viewText ??= JsonSerializer.Serialize(_view, ReportJson.Default.EpochView));
    }

    void ITrainingCallback.LoadState(Trainer trainer, Checkpoint state)
    {
        lock (_lock)
        {
            Forget();
            _trainer = trainer;
            if (MeasureEvery > 0) _meter = new(trainer.Model.NamedParameters(), MostRatios);
            if (state.Values.TryGetValue(StepsKey, out string? steps)) _steps.Load(steps);
            if (_meter is not null && state.Values.TryGetValue(UpdatesKey, out string? updates)) _meter.Series.Load(updates);
            try
            {
                if (state.Values.TryGetValue(GradientsKey, out string? gradients)) _gradients = JsonSerializer.Deserialize(gradients, ReportJson.Default.Gradients) ?? [];
                if (state.Values.TryGetValue(ViewKey, out _viewText)) _view = JsonSerializer.Deserialize(_viewText, ReportJson.Default.EpochView);
            }
            catch (JsonException e)
            {
                throw new FormatException($"The report's findings cannot be read: {e.Message}", e);
            }
        }
    }

    void ITrainingCallback.Ended(Trainer trainer, TrainingEnd? end)
    {
        if (Current is null) return;        // another callback ended the training before it began
        IReadOnlyList<SaliencyView> saliency = Saliency && end is not null ? LookAtSaliency(trainer) : [];
        lock (_lock)
        {
            _saliency = saliency;
            _current = _current! with { Status = end switch { TrainingEnd.Finished => ReportStatus.Finished, null => ReportStatus.Failed, _ => ReportStatus.Stopped } };
        }

        Write(mustSucceed: false);
    }

    /// <summary>Frees what a step that failed has left. The report stays.</summary>
    public void Dispose()
    {
        lock (_lock) _meter?.Dispose();
    }

    // A table is not worth a training.
    private IReadOnlyList<LayerSummary> Summarize(Trainer trainer)
    {
        using TensorScope scope = new();
        try
        {
            return ModelSummary.Of(trainer.Model, trainer.ZeroInput()).Layers;
        }
        catch (OperandException e)
        {
            _tell($"The report has no table of layers, because the model does not run on one input of zeros: {e.Message}");
            return [];
        }
    }

    // Nor are maps.
    private IReadOnlyList<SaliencyView> LookAtSaliency(Trainer trainer)
    {
        try
        {
            return new SaliencyProbe(trainer, Samples).Look();
        }
        catch (Exception e) when (e is OperandException or InvalidOperationException)
        {
            _tell($"The report does not show what the network looks at: {e.Message}");
            return [];
        }
    }

    private void Forget()
    {
        _steps.Clear();
        _gradients = [];
        _meter?.Dispose();
        (_meter, _view, _viewText, _saliency) = (null, null, null, []);
    }

    private void Write(bool mustSucceed)
    {
        if (Path is null || Current is not { } report) return;
        try
        {
            AtomicFile.Write(Path, file => file.Write(Encoding.UTF8.GetBytes(report.ToHtml())));
        }
        catch (Exception e) when (!mustSucceed && e is IOException or UnauthorizedAccessException)
        {
            _tell($"The report could not be written: {e.Message.TrimEnd('.')}.{(report.Status == ReportStatus.Running ? " The training goes on." : "")}");
        }
    }
}
