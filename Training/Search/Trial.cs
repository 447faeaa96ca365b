using System.Globalization;

namespace Gradwright.Training;

/// <summary>A configuration that was tried, and what came of it.</summary>
public sealed class Trial
{
    internal Trial(SearchSpace space, int number, int configuration, double budget, IReadOnlyList<double> position)
        => (Space, Number, Configuration, Budget, Position) = (space, number, configuration, budget, position);

    /// <summary>From 0, in the order of proposal.</summary>
    public int Number { get; }

    /// <summary>The number of the first trial with this configuration: itself, unless it goes on with an earlier one.</summary>
    public int Configuration { get; }

    /// <summary>How long it was trained, in the unit of the trial's function.</summary>
    public double Budget { get; }

    /// <summary>Where it lies in the space: a number from 0 to 1 for each hyperparameter.</summary>
    public IReadOnlyList<double> Position { get; }

    public TrialState State { get; internal set; }

    /// <summary>What the trial's function returned, or for a trial that has timed out the last score it reported; NaN where there is none.</summary>
    public double Score { get; internal set; } = double.NaN;

    /// <summary>Whether there is a score to compare it by.</summary>
    public bool HasScore => State is TrialState.Finished or TrialState.TimedOut && double.IsFinite(Score);

    /// <summary>Why it failed or was ended; null for one that has finished.</summary>
    public string? Message { get; internal set; }

    /// <summary>How long it ran, the last time if it was interrupted.</summary>
    public double Seconds { get; internal set; }

    /// <summary>The scores that it reported on the way.</summary>
    public IReadOnlyList<double> Reports { get; internal set; } = [];

    internal SearchSpace Space { get; }

    /// <summary>The value of a hyperparameter.</summary>
    public T Get<T>(Hyperparameter<T> hyperparameter)
    {
        ArgumentNullException.ThrowIfNull(hyperparameter);
        return Space.ValueAt(hyperparameter, Position);
    }

    public override string ToString()
        => $"trial {Number} ({Space.Describe(Position)}): " + State switch
        {
            TrialState.Finished => SearchSpace.Format(Score),
            TrialState.Failed => $"failed: {Message}",
            TrialState.TimedOut => $"{(HasScore ? SearchSpace.Format(Score) : "no score")}, {Message}",
            _ => "running",
        };

    /// <summary>Fills in that it ran too long.</summary>
    internal void TimeOut(IReadOnlyList<double> reports, TimeSpan limit, bool killed)
    {
        (State, Score) = (TrialState.TimedOut, reports.Count > 0 ? reports[^1] : double.NaN);
        Message = string.Create(CultureInfo.InvariantCulture, $"timed out after {limit.TotalSeconds:0.###} s{(killed ? ", and its process was killed" : "")}");
    }
}
