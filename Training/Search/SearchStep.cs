namespace Gradwright.Training;

/// <summary>What a strategy asks for next: a trial, or results to base the next one on.</summary>
public abstract record SearchStep
{
    private SearchStep() { }

    /// <summary>A trial at a position of the space.</summary>
    /// <param name="position">A number from 0 to 1 for each hyperparameter.</param>
    /// <param name="budget">How long to train, in the unit of the trial's function: epochs, say.</param>
    /// <param name="continues">An earlier trial with the same position that it goes on with: it gets its seed and its folder, with the checkpoints in it.</param>
    public static SearchStep Try(IReadOnlyList<double> position, double budget = 1, Trial? continues = null) => new Proposal(position, budget, continues);

    /// <summary>Go on when the first <paramref name="count"/> trials have ended.</summary>
    public static SearchStep Wait(int count) => new Pause(count);

    internal sealed record Proposal(IReadOnlyList<double> Position, double Budget, Trial? Continues) : SearchStep;

    internal sealed record Pause(int Count) : SearchStep;
}
