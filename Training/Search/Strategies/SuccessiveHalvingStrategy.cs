namespace Gradwright.Training;

/// <summary>Rungs of a ladder: on each, the best part of those below goes on with a larger budget.</summary>
internal sealed class SuccessiveHalvingStrategy : SearchStrategy
{
    private readonly int _configurations, _factor;
    private readonly double _firstBudget;

    public SuccessiveHalvingStrategy(int configurations, double firstBudget, int factor)
    {
        _configurations = RequireTrials("Successive halving", configurations);
        if (!(firstBudget > 0 && double.IsFinite(firstBudget))) throw new ArgumentOutOfRangeException(nameof(firstBudget), firstBudget, $"Successive halving: the first budget must be positive, but is {firstBudget}.");
        if (factor < 2) throw new ArgumentOutOfRangeException(nameof(factor), factor, $"Successive halving: one in 2 or more goes on, not one in {factor}.");
        (_firstBudget, _factor) = (firstBudget, factor);
    }

    public override IEnumerable<SearchStep> Steps(SearchHistory history)
    {
        foreach (double[] position in history.Space.Spread(_configurations, history.Random("successive halving"))) yield return SearchStep.Try(position, _firstBudget);
        double budget = _firstBudget;
        for (int start = 0; history.Count - start > 1;)
        {
            int end = history.Count;
            yield return SearchStep.Wait(end);
            // One that has timed out had less than its budget: more would be lost on it.
            Trial[] best = [.. history.First(end).Skip(start).Where(trial => trial.State == TrialState.Finished).OrderBy(history.CostOf).Take(Math.Max(1, (end - start) / _factor))];
            (start, budget) = (end, budget * _factor);
            foreach (Trial trial in best) yield return SearchStep.Try(trial.Position, budget, trial);
        }
    }

    public override string ToString() => $"successive halving, {_configurations} configurations from a budget of {_firstBudget}, one in {_factor} goes on";
}
