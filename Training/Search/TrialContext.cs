using System.Globalization;
using System.Text;

namespace Gradwright.Training;

/// <summary>What a trial is to try, and where: the argument of a search's function.</summary>
/// <example><code>
/// search.Run(trial =>
/// {
///     using Sequential model = Create(trial.Get(width), trial.Seed);
///     using Sgd optimizer = new(model.Parameters(), trial.Get(rate));
///     Trainer trainer = new(model, loss, optimizer, data)
///     {
///         Validation = validation, Metrics = [new Accuracy()], Checkpoints = trial.Checkpoints, Callbacks = [trial.Watch("accuracy")],
///     };
///     trial.Fit(trainer, epochs: (long)trial.Budget);
///     return trainer.History.Validation("accuracy")[^1];
/// });
/// </code></example>
public sealed class TrialContext
{
    private readonly Trial _trial;
    private readonly TrialContext? _parent;
    private readonly string? _folder;
    private readonly Action<double> _report;
    private readonly CancellationToken _cancellation;
    private bool _cancellationTaken;

    internal TrialContext(Trial trial, ulong searchSeed, string? folder, Action<double> report, CancellationToken cancellation, TrialContext? parent = null)
    {
        (_trial, _folder, _report, _cancellation, _parent) = (trial, folder, report, cancellation, parent);
        Seed = new Generator(searchSeed).Fork("trial").Fork((ulong)trial.Configuration).NextUInt64();
    }

    /// <summary>The trial's number, from 0 in the order of proposal.</summary>
    public int Number => _trial.Number;

    /// <summary>How long to train in all, earlier trials that this one continues included; in whatever unit the strategy was given: epochs, say. 1 where it has none.</summary>
    public double Budget => _trial.Budget;

    /// <summary>Where the trial's random numbers are to come from: the same whenever and wherever it runs, and for every budget.</summary>
    public ulong Seed { get; private init; }

    /// <summary>A folder for the trial's own files. It is still there when the trial goes on after an interruption, or with a larger budget.</summary>
    /// <exception cref="InvalidOperationException">The search has no folder.</exception>
    public string Folder => _folder ?? throw new InvalidOperationException($"Trial {Number} has no folder, since the search has none. Set {nameof(HyperparameterSearch)}.{nameof(HyperparameterSearch.Folder)}.");

    /// <summary>The trial's checkpoints for <see cref="Trainer.Checkpoints"/>; null where the search has no folder.</summary>
    public CheckpointFolder? Checkpoints => _folder is null ? null : field ??= new(Path.Combine(_folder, "checkpoints"), keep: 1);

    /// <summary>Asks the trial to end early. A trial that has read this and returns after it was set has no score: it is repeated when the search goes on.</summary>
    public CancellationToken Cancellation
    {
        get
        {
            for (TrialContext? context = this; context is not null; context = context._parent) context._cancellationTaken = true;
            return _cancellation;
        }
    }

    internal bool IsInterrupted => _cancellationTaken && _cancellation.IsCancellationRequested;

    /// <summary>The value of a hyperparameter.</summary>
    public T Get<T>(Hyperparameter<T> hyperparameter) => _trial.Get(hyperparameter);

    /// <summary>Tells a score on the way, for those who look on; the trial's score is what its function returns.</summary>
    public void Report(double score) => _report(score);

    /// <summary>
    /// A callback that reports a metric after each epoch and keeps the weights of the best one in the trial's folder, if there is one, with the score in their name:
    /// <c>epoch-000012-accuracy-0.9731.safetensors</c>.
    /// </summary>
    public ITrainingCallback Watch(string metric) => new TrialWatch(this, metric, _folder is null ? null : new BestModels(_folder, metric));

    /// <summary>Trains, going on from the trial's checkpoint if there is one, and leaves the trial when the search is interrupted.</summary>
    /// <param name="trainer">A trainer; with <see cref="Checkpoints"/> nothing that was trained is repeated.</param>
    /// <param name="epochs">When to end, as in <see cref="Trainer.Fit"/>.</param>
    /// <exception cref="OperationCanceledException">The search is interrupted.</exception>
    public void Fit(Trainer trainer, long epochs)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (trainer.Checkpoints is not null) trainer.Resume();
        if (trainer.Fit(epochs, cancellation: Cancellation) == TrainingEnd.Cancelled) throw new OperationCanceledException(Cancellation);
    }

    /// <summary>
    /// Scores a configuration by cross-validation: trains once per fold and takes the mean; each fold's score is reported. Where the search has a folder each fold has one of
    /// its own, and a fold that was finished before an interruption is not repeated.
    /// </summary>
    /// <param name="folds">Two or more; <c>KFold</c> makes them.</param>
    /// <param name="train">Trains on a fold and gives its score; the context is the fold's.</param>
    public double CrossValidate<TFold>(IReadOnlyList<TFold> folds, Func<TFold, TrialContext, double> train)
    {
        ArgumentNullException.ThrowIfNull(train);
        int number = 0;
        return CrossValidation.Run(folds, fold =>
        {
            TrialContext context = new(_trial, 0, _folder is null ? null : Path.Combine(_folder, $"fold-{++number}"), _ => { }, _cancellation, this) { Seed = Seed };
            double score = context.Remembered(() => train(fold, context));
            if (!double.IsFinite(score)) throw new DivergenceException($"The score of fold {number} is {score}.");
            Report(score);
            return new Dictionary<string, double> { ["score"] = score };
        }).Mean("score");
    }

    private double Remembered(Func<double> compute)
    {
        if (_folder is null) return compute();
        string path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"score-{Budget:R}.txt"));
        if (File.Exists(path) && double.TryParse(File.ReadAllText(path), NumberStyles.Float, CultureInfo.InvariantCulture, out double known)) return known;
        double score = compute();
        if (IsInterrupted) throw new OperationCanceledException(_cancellation);
        AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(CsvText.Number(score))));
        return score;
    }
}
