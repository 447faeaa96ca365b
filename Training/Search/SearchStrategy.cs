namespace Gradwright.Training;

/// <summary>How a search chooses what to try.</summary>
/// <remarks>
/// The proposals of grid, random, coarse-to-fine and successive halving follow from the seed and the results alone, whatever the number of workers and in whatever order trials
/// end. Bayesian search with W workers bases a proposal on all results but the last W − 1, so it follows from seed, results and the number of workers.
/// A strategy of one's own is an iterator that yields <see cref="SearchStep"/>s.
/// </remarks>
public abstract class SearchStrategy
{
    /// <summary>Every combination of values that lie evenly in their ranges, the ends included; choices with all their values.</summary>
    /// <param name="levels">Values of each range; integers with fewer take all.</param>
    public static SearchStrategy Grid(int levels = 5) => new GridStrategy(levels);

    /// <summary>Independent random configurations, which find more than a grid when few hyperparameters matter (Bergstra and Bengio, 2012).</summary>
    public static SearchStrategy Random(int trials) => new RandomStrategy(trials);

    /// <summary>Random configurations in rounds: each takes ranges <paramref name="shrink"/> times as wide as the one before, around the best so far.</summary>
    /// <param name="trials">In all rounds.</param>
    /// <param name="rounds">How many.</param>
    /// <param name="shrink">Between 0 and 1. A choice stays the best's with a probability of 1 − shrink^round.</param>
    public static SearchStrategy CoarseToFine(int trials, int rounds = 3, double shrink = 0.4) => new CoarseToFineStrategy(trials, rounds, shrink);

    /// <summary>
    /// A Gaussian process learns from the results what to expect where, and the next trial is where the expected improvement over the best is the greatest (Mockus, 1975;
    /// Snoek, Larochelle and Adams, 2012).
    /// </summary>
    /// <param name="trials">In all.</param>
    /// <param name="first">Random ones, evenly spread, to begin with; by default 2 per hyperparameter and one more.</param>
    public static SearchStrategy Bayesian(int trials, int? first = null) => new BayesianStrategy(trials, first);

    /// <summary>
    /// Many configurations with a small budget; the best part of them goes on with more, and so on (Jamieson and Talwalkar, 2016). A trial that goes on finds its checkpoints in
    /// its folder.
    /// </summary>
    /// <param name="configurations">Random ones to begin with.</param>
    /// <param name="firstBudget">Their budget.</param>
    /// <param name="factor">One in so many goes on, with so many times the budget.</param>
    public static SearchStrategy SuccessiveHalving(int configurations, double firstBudget = 1, int factor = 3) => new SuccessiveHalvingStrategy(configurations, firstBudget, factor);

    /// <summary>What to try, one step after the other. The same seed and results must give the same steps: that is how an interrupted search goes on.</summary>
    public abstract IEnumerable<SearchStep> Steps(SearchHistory history);

    private protected static int RequireTrials(string strategy, int trials)
        => trials > 0 ? trials : throw new ArgumentOutOfRangeException(nameof(trials), trials, $"{strategy}: the number of trials must be 1 or more, but is {trials}.");
}
