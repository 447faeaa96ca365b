namespace Gradwright.Training;

/// <summary>The next trial is where a Gaussian process expects the greatest improvement over the best.</summary>
internal sealed class BayesianStrategy : SearchStrategy
{
    private const double Clip = 2;      // a cost above the best by more than so many times the median's counts as that
    private const int Everywhere = 400, Elites = 4, Near = 20, Polishing = 60;

    private readonly int _trials;
    private readonly int? _first;

    public BayesianStrategy(int trials, int? first)
    {
        _trials = RequireTrials("Bayesian search", trials);
        if (first < 2) throw new ArgumentOutOfRangeException(nameof(first), first, $"Bayesian search: it needs 2 random trials or more to learn from, but {first} was asked for.");
        _first = first;
    }

    public override IEnumerable<SearchStep> Steps(SearchHistory history)
    {
        SearchSpace space = history.Space;
        int first = _first ?? 2 * space.Hyperparameters.Count + 1;
        foreach (double[] position in space.Spread(first, history.Random("first trials")).Take(_trials)) yield return SearchStep.Try(position);
        for (int n = first; n < _trials; n++)
        {
            int known = Math.Max(2, n - history.Workers + 1);
            yield return SearchStep.Wait(known);
            yield return SearchStep.Try(Propose(history, known, history.Random($"trial {n}")));
        }
    }

    public override string ToString() => $"Bayesian search, {_trials} trials";

    private static double[] Propose(SearchHistory history, int known, Generator random)
    {
        SearchSpace space = history.Space;
        IReadOnlyList<Trial> trials = history.First(known);
        if (Standardize([.. trials.Select(history.CostOf)]) is not { } costs) return space.Random(random);
        bool[] ordered = [.. space.Hyperparameters.Select(h => h.IsOrdered)];
        IReadOnlyList<double>[] places = [.. trials.Select(trial => trial.Position)];
        GaussianProcess process = GaussianProcess.Fit(ordered, places, costs, random).Believing(history.Pending(known));
        double best = places.Min(place => process.Predict(place).Mean);      // measured ones are noisy

        HashSet<string> tried = [.. places.Concat(history.Pending(known)).Select(space.Describe)];
        bool finite = space.Hyperparameters.All(h => h.Levels is not null);
        (double[] Position, double Value) leader = (space.Random(random), double.NegativeInfinity);
        for (int i = 0; i < Everywhere; i++) Consider(space.Random(random));
        foreach (IReadOnlyList<double> elite in places.Zip(costs).OrderBy(entry => entry.Second).Take(Elites).Select(entry => entry.First))
            for (int i = 0; i < Near; i++) Consider(Moved(elite, 0.1));
        for (int i = 0; i < Polishing; i++) Consider(Moved(leader.Position, 0.1 * (1 - i / (double)Polishing) + 0.005));
        return leader.Position;

        void Consider(double[] position)
        {
            double value = Improvement(process.Predict(position), best);
            if (value > leader.Value && !(finite && tried.Contains(space.Describe(position)))) leader = (position, value);
        }

        double[] Moved(IReadOnlyList<double> from, double distance) => space.Snap(
            [.. from.Select((p, d) => ordered[d] ? p + distance * random.NextNormal() : random.NextDouble() < 0.1 ? random.NextDouble() : p)]);
    }

    // E[max(0, best − f)] for a normal f (Jones, Schonlau and Welch, 1998).
    private static double Improvement((double Mean, double Deviation) f, double best)
    {
        double z = (best - f.Mean) / f.Deviation;
        return f.Deviation * (z * NormalProbability(z) + Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI));
    }

    // P(N < z), to 1e-7 (Abramowitz and Stegun, 26.2.17).
    private static double NormalProbability(double z)
    {
        double t = 1 / (1 + 0.2316419 * Math.Abs(z));
        double polynomial = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        double tail = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI) * polynomial;
        return z > 0 ? 1 - tail : tail;
    }

    /// <summary>Costs with mean 0 and deviation 1; null if they are all the same. How bad a bad one is says nothing about where the best lies, and a loss that has diverged would hide all differences: what is far above the median is cut.</summary>
    private static double[]? Standardize(double[] costs)
    {
        double[] sorted = [.. costs.Where(double.IsFinite).Order()];
        if (sorted.Length == 0) return null;
        double most = sorted[0] + Clip * (sorted[sorted.Length / 2] - sorted[0]);
        double[] cut = [.. costs.Select(cost => Math.Min(cost, most))];
        double mean = cut.Average(), deviation = Math.Sqrt(cut.Average(c => (c - mean) * (c - mean)));
        return deviation > 0 ? [.. cut.Select(c => (c - mean) / deviation)] : null;
    }
}
