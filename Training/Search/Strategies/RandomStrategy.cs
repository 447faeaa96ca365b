namespace Gradwright.Training;

/// <summary>Independent random configurations; more of them change none of those before.</summary>
internal sealed class RandomStrategy(int trials) : SearchStrategy
{
    private readonly int _trials = RequireTrials("Random search", trials);

    public override IEnumerable<SearchStep> Steps(SearchHistory history)
    {
        Generator random = history.Random("random search");
        for (int n = 0; n < _trials; n++) yield return SearchStep.Try(history.Space.Random(random));
    }

    public override string ToString() => $"random search, {_trials} trials";
}
