namespace Gradwright.Examples.Search;

/// <summary>What the search example is asked to do.</summary>
internal sealed record SearchOptions
{
    public string Strategy { get; init; } = "bayesian";
    public int Trials { get; init; } = 20;
    public int Workers { get; init; }

    /// <summary>The most that a trial may take; null sets no limit.</summary>
    public TimeSpan? TrialLimit { get; init; }
    public int Epochs { get; init; } = 3;
    public int Folds { get; init; }
    public int Images { get; init; } = 1500;
    public ulong Seed { get; init; } = 1;
    public string Folder { get; init; } = "search-run";
    public bool Resume { get; init; }
}
