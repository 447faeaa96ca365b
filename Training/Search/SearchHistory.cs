namespace Gradwright.Training;

/// <summary>What a strategy may know: the space, the seed, and the results it has waited for. Nothing in it depends on time.</summary>
public sealed class SearchHistory
{
    private readonly List<Trial> _trials = [];
    private readonly ulong _seed;
    private int _known;

    internal SearchHistory(SearchSpace space, SearchGoal goal, ulong seed, int workers) => (Space, Goal, _seed, Workers) = (space, goal, seed, workers);

    public SearchSpace Space { get; }

    public SearchGoal Goal { get; }

    /// <summary>How many trials run side by side.</summary>
    public int Workers { get; }

    /// <summary>Trials proposed so far.</summary>
    public int Count => _trials.Count;

    /// <summary>The first trials, in the order in which they were proposed; all have ended.</summary>
    /// <exception cref="InvalidOperationException">The strategy has not waited for so many.</exception>
    public IReadOnlyList<Trial> First(int count)
        => count <= _known ? _trials[..count]
            : throw new InvalidOperationException($"SearchHistory: the results of the first {count} trials were asked for, but only {_known} were waited for. Yield SearchStep.Wait({count}) first; otherwise the search would depend on time.");

    /// <summary>Positions proposed after the first <paramref name="count"/>, of which no result is known yet.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Pending(int count) => [.. _trials.Skip(count).Select(trial => trial.Position)];

    /// <summary>What is to be made small: the score or its negative; infinite for a trial that has no score.</summary>
    public double CostOf(Trial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return !trial.HasScore ? double.PositiveInfinity : Goal == SearchGoal.Minimize ? trial.Score : -trial.Score;
    }

    /// <summary>A stream of random numbers that follows from the search's seed and a name.</summary>
    public Generator Random(string purpose) => new Generator(_seed).Fork(purpose);

    internal void Add(Trial trial) => _trials.Add(trial);

    internal void Know(int count) => _known = Math.Max(_known, count);

    internal IReadOnlyList<Trial> All => _trials;
}
