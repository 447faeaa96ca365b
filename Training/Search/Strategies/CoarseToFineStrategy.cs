namespace Gradwright.Training;

/// <summary>Rounds of random trials in boxes that shrink around the best. A box stays within the ranges, and may move: its middle is the best so far.</summary>
internal sealed class CoarseToFineStrategy : SearchStrategy
{
    private readonly int _trials, _rounds;
    private readonly double _shrink;

    public CoarseToFineStrategy(int trials, int rounds, double shrink)
    {
        _trials = RequireTrials("Coarse to fine", trials);
        if (rounds < 1 || rounds > trials) throw new ArgumentOutOfRangeException(nameof(rounds), rounds, $"Coarse to fine: the rounds must be 1 to {trials}, the number of trials, but are {rounds}.");
        if (shrink is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(shrink), shrink, $"Coarse to fine: ranges shrink to a part between 0 and 1 of their width, not {shrink}.");
        (_rounds, _shrink) = (rounds, shrink);
    }

    public override IEnumerable<SearchStep> Steps(SearchHistory history)
    {
        Generator random = history.Random("coarse to fine");
        IReadOnlyList<double>? best = null;
        double width = 1;
        for (int round = 0; round < _rounds; round++, width *= _shrink)
        {
            int end = (int)((long)_trials * (round + 1) / _rounds);
            foreach (double[] position in history.Space.Spread(end - history.Count, random))
                yield return SearchStep.Try(best is null ? position : Near(history.Space, best, position, width, random));
            if (round == _rounds - 1) yield break;
            yield return SearchStep.Wait(end);
            best = history.First(end).Where(trial => trial.HasScore).MinBy(history.CostOf)?.Position;
        }
    }

    public override string ToString() => $"coarse to fine, {_trials} trials in {_rounds} rounds, ranges × {_shrink}";

    // A position of the whole space moved into the box around the best.
    private static double[] Near(SearchSpace space, IReadOnlyList<double> best, double[] position, double width, Generator random)
    {
        double[] near = new double[position.Length];
        for (int d = 0; d < near.Length; d++)
        {
            double low = Math.Clamp(best[d] - width / 2, 0, 1 - width);
            near[d] = space.Hyperparameters[d].IsOrdered ? low + width * position[d] : random.NextDouble() < width ? position[d] : best[d];
        }

        return near;
    }
}
