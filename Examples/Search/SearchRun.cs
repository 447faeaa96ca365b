using Gradwright.Training;

namespace Gradwright.Examples.Search;

/// <summary>Searches for the hyperparameters of <see cref="DigitTraining"/> and shows what it found.</summary>
internal sealed class SearchRun(SearchOptions options, TextWriter output)
{
    private const int Interrupted = 130;
    private const int HalvingFactor = 3;

    public static IReadOnlyList<string> Strategies { get; } = ["grid", "random", "coarse-to-fine", "bayesian", "halving"];

    /// <returns>The exit code.</returns>
    public int Run()
    {
        DigitTraining training = new(options.Images, options.Folds);
        SearchStrategy strategy = Create(training.Space);
        HyperparameterSearch search = new(training.Space, strategy)
        {
            Seed = options.Seed,
            Folder = options.Folder,
            Workers = options.Workers,
            TrialTimeLimit = options.TrialLimit,
            TrialEnded = trial => output.WriteLine(trial),
        };
        if (!HyperparameterSearch.IsWorker) Announce(strategy, search.Folder!);
        using InterruptSignal interrupt = new();
        SearchResult result = search.Run(trial => training.Score(trial, options.Epochs), interrupt.Token);
        if (!result.IsComplete)
        {
            output.WriteLine($"Interrupted after {result.Trials.Count} trials, which are kept. The same command with --resume goes on.");
            return Interrupted;
        }

        Show(result, search.Folder!);
        return 0;
    }

    private void Announce(SearchStrategy strategy, string folder)
    {
        if (!options.Resume && Directory.Exists(folder) && Directory.EnumerateFiles(folder, "search.*").Any())
            throw new InvalidOperationException($"{folder} holds a search. Go on with it: add --resume. Or choose another folder with --folder.");
        output.WriteLine($"Searching by {strategy}, {(options.Workers == 0 ? "in this process" : $"with {options.Workers} worker processes")}; results go to {folder}.");
        foreach (TrialFolder left in TrialFolder.List(folder)) output.WriteLine($"  found trial {left.Configuration}, whose best weights so far score {left.Score}");
    }

    private SearchStrategy Create(SearchSpace space) => options.Strategy switch
    {
        "grid" => SearchStrategy.Grid(Levels(space)),
        "random" => SearchStrategy.Random(options.Trials),
        "coarse-to-fine" => SearchStrategy.CoarseToFine(options.Trials, Math.Min(3, options.Trials)),
        "halving" => SearchStrategy.SuccessiveHalving(options.Trials, factor: HalvingFactor),
        _ => SearchStrategy.Bayesian(options.Trials),
    };

    // As many as give no more than the trials that were asked for, but 2 at least.
    private int Levels(SearchSpace space)
    {
        double choices = space.Hyperparameters.Where(h => !h.IsOrdered).Aggregate(1.0, (product, h) => product * h.Levels!.Value);
        return Math.Max(2, (int)(Math.Pow(options.Trials / choices, 1.0 / space.Hyperparameters.Count(h => h.IsOrdered)) + 1e-9));
    }

    private void Show(SearchResult result, string folder)
    {
        string picture = Path.Combine(folder, "search.svg"), table = Path.Combine(folder, "search.csv");
        output.WriteLine();
        output.WriteLine(result);
        result.SavePicture(picture);
        result.SaveCsv(table);
        output.WriteLine();
        output.WriteLine("Written:");
        output.WriteLine($"  {picture}   each trial as a line through its values and its score");
        output.WriteLine($"  {table}   the whole table");
        if (result.BestModel is { } model) output.WriteLine($"  {model}   the best trial's weights");
    }
}
