namespace Gradwright.Training;

/// <summary>Every combination, the last hyperparameter first.</summary>
internal sealed class GridStrategy : SearchStrategy
{
    private const long MostTrials = 1_000_000;

    private readonly int _levels;

    public GridStrategy(int levels)
    {
        if (levels < 2) throw new ArgumentOutOfRangeException(nameof(levels), levels, $"Grid search: a range needs 2 levels or more, but {levels} was asked for.");
        _levels = levels;
    }

    public override IEnumerable<SearchStep> Steps(SearchHistory history)
    {
        double[][] values = [.. history.Space.Hyperparameters.Select(Values)];
        double trials = values.Aggregate(1.0, (product, v) => product * v.Length);
        if (trials > MostTrials)
            throw new InvalidOperationException($"Grid search: {string.Join(" × ", values.Select(v => v.Length))} = {trials:N0} trials are more than {MostTrials:N0}. Take fewer levels, or random search.");
        for (long n = 0; n < (long)trials; n++)
        {
            double[] position = new double[values.Length];
            long rest = n;
            for (int d = values.Length - 1; d >= 0; d--) (rest, position[d]) = (rest / values[d].Length, values[d][rest % values[d].Length]);
            yield return SearchStep.Try(position);
        }
    }

    public override string ToString() => $"grid search, {_levels} levels";

    private double[] Values(Hyperparameter hyperparameter)
    {
        int count = hyperparameter is { Levels: { } levels } && (!hyperparameter.IsOrdered || levels < _levels) ? levels : _levels;
        return [.. Enumerable.Range(0, count).Select(i => hyperparameter.Snap(hyperparameter.Levels == count ? (i + 0.5) / count : i / (count - 1.0))).Distinct()];
    }
}
