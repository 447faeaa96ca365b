using System.Diagnostics;

namespace Gradwright.Training;

/// <summary>
/// Tries configurations of a training and finds the best: in this process one after the other, or side by side in worker processes. With a <see cref="Folder"/> it may be
/// killed at any moment: run again, it goes on without repeating a trial that has ended.
/// </summary>
/// <example><code>
/// SearchSpace space = new();
/// var rate = space.LogUniform("rate", 1e-5, 1);
/// var width = space.Integer("width", 8, 256, logarithmic: true);
/// HyperparameterSearch search = new(space, SearchStrategy.Bayesian(trials: 40)) { Folder = "search", Workers = 4 };
/// SearchResult result = search.Run(trial => Train(trial.Get(rate), trial.Get(width), trial.Seed));
/// Console.WriteLine(result);                          // the table, and a warning where the best lies at the end of a range
/// result.SavePicture("search.svg");
/// </code></example>
/// <remarks>
/// The trials follow from seed and results as <see cref="SearchStrategy"/> says; when they end does not matter. Worker processes are this program again, with the same arguments:
/// whatever it does before <see cref="Run"/> each of them does once, and <see cref="Run"/> does not return there. A worker whose master was killed ends at once.
/// </remarks>
public sealed class HyperparameterSearch
{
    private static readonly TimeSpan _mostLimit = TimeSpan.FromDays(24);        // what timers can count

    private readonly SearchSpace _space;
    private readonly SearchStrategy _strategy;

    /// <param name="space">What to vary; at least one hyperparameter.</param>
    /// <param name="strategy">How to choose what to try.</param>
    public HyperparameterSearch(SearchSpace space, SearchStrategy strategy)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(strategy);
        if (space.Hyperparameters.Count == 0) throw new ArgumentException("HyperparameterSearch: the space is empty. Add what to vary: space.LogUniform(\"rate\", 1e-5, 1).", nameof(space));
        (_space, _strategy) = (space, strategy);
    }

    /// <summary>Whether this process is a worker of a search: a program may want to say less then.</summary>
    public static bool IsWorker => SearchWorker.ServedFolder is not null;

    /// <summary>Which scores are better: by default the larger.</summary>
    public SearchGoal Goal { get; init; }

    /// <summary>Where all random numbers come from.</summary>
    public ulong Seed { get; init; }

    /// <summary>Where results and the trials' folders are kept; null keeps nothing. A search goes on with the results that are there.</summary>
    public string? Folder
    {
        get;
        init => field = value is null ? null : Path.GetFullPath(value);
    }

    /// <summary>Worker processes, which need a <see cref="Folder"/>; 0 runs the trials in this process.</summary>
    public int Workers
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"HyperparameterSearch: {nameof(Workers)} counts processes and must not be negative. 0 runs the trials in this process.");
    }

    /// <summary>
    /// The most that a trial may take, from 0 to 24 days; null sets no limit. One that takes longer is asked to stop (<see cref="TrialContext.Cancellation"/>) and ends as
    /// <see cref="TrialState.TimedOut"/>, with the last score that it reported: strategies and tables take that for its score. It is not repeated when the search goes on, and
    /// successive halving does not promote it. One that returns a score without ever having asked keeps that.
    /// </summary>
    /// <remarks>What a limit cuts off depends on the machine's speed: only without one do the trials follow from the seed alone.</remarks>
    public TimeSpan? TrialTimeLimit
    {
        get;
        init => field = value is not { } limit || limit >= TimeSpan.Zero && limit <= _mostLimit ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"HyperparameterSearch: {nameof(TrialTimeLimit)} must be from 0 to {_mostLimit.TotalDays} days.");
    }

    /// <summary>What a trial in a worker has after that for a step and a checkpoint, until its process is killed and another takes its place. In this process nothing is killed.</summary>
    public TimeSpan TrialGrace
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= _mostLimit ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"HyperparameterSearch: {nameof(TrialGrace)} must be from 0 to {_mostLimit.TotalDays} days.");
    } = TimeSpan.FromSeconds(20);

    /// <summary>The clock that <see cref="TrialTimeLimit"/> goes by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How to start a worker, where it is not this program with its arguments: a program that comes to the same <see cref="Run"/>.</summary>
    public ProcessStartInfo? WorkerProgram { get; init; }

    /// <summary>Hears of each trial that has ended.</summary>
    public Action<Trial>? TrialEnded { get; init; }

    /// <summary>Hears of each score that a trial reports on the way.</summary>
    public Action<Trial, double>? TrialReported { get; init; }

    /// <summary>Searches until the strategy has no more to try.</summary>
    /// <param name="train">Trains and returns the score. What it throws, or a score that is not finite, makes the trial a failed one.</param>
    /// <param name="cancellation">Ends the search: running trials are asked to stop, and are repeated from their checkpoints when it goes on.</param>
    public SearchResult Run(Func<TrialContext, double> train, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        if (SearchWorker.ServedFolder is { } served)
        {
            if (served == Folder) SearchWorker.Serve(_space, train, Seed, served, Limit);
            if (Folder is null || !SearchJournal.Exists(Folder))
                throw new InvalidOperationException($"This process is a worker of the search in {served}, but comes to one in {Folder ?? "no folder"} before that. Run that one in a program of its own.");
        }

        if (Workers > 0 && Folder is null) throw new InvalidOperationException($"HyperparameterSearch: {Workers} workers need a {nameof(Folder)} to meet in.");
        using SearchJournal? journal = Folder is null ? null : new(Folder, _space, Goal, Seed);
        using ITrialRunner runner = Workers == 0 ? new LocalTrials(train, Seed, Folder, Limit, TrialReported, cancellation)
            : new WorkerTrials(Workers, Folder!, WorkerProgram, Limit, TrialReported, cancellation);
        SearchHistory history = new(_space, Goal, Seed, Math.Max(1, Workers));
        HashSet<Trial> running = [];
        bool complete = Propose();
        while (running.Count > 0) complete &= End();
        return new(_space, Goal, Folder, [.. history.All], complete);

        // False: interrupted.
        bool Propose()
        {
            foreach (SearchStep step in _strategy.Steps(history))
            {
                if (step is SearchStep.Pause pause)
                {
                    if (pause.Count > history.Count) throw new InvalidOperationException($"{_strategy} waits for {pause.Count} trials, but has proposed only {history.Count}.");
                    while (history.All.Take(pause.Count).Any(running.Contains))
                        if (!End()) return false;
                    history.Know(pause.Count);
                }
                else if (step is SearchStep.Proposal proposal)
                {
                    Trial trial = new(_space, history.Count, proposal.Continues?.Configuration ?? history.Count, proposal.Budget, _space.Snap(proposal.Position));
                    if (journal?.Recall(trial) != true)
                    {
                        while (running.Count >= history.Workers)
                            if (!End()) return false;
                        if (cancellation.IsCancellationRequested) return false;
                        running.Add(trial);
                        runner.Start(trial);
                    }

                    history.Add(trial);
                }
            }

            return true;
        }

        // Waits until a trial ends. False: it was interrupted.
        bool End()
        {
            Trial trial = runner.Next();
            running.Remove(trial);
            if (trial.State == TrialState.Running) return false;
            journal?.Add(trial);
            TrialEnded?.Invoke(trial);
            return true;
        }
    }

    private TrialLimit Limit => new(TrialTimeLimit, TrialGrace, Clock);

    public override string ToString() => $"HyperparameterSearch({_strategy}; {string.Join("; ", _space.Hyperparameters)})";
}
