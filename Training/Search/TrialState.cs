namespace Gradwright.Training;

/// <summary>What became of a trial.</summary>
public enum TrialState
{
    /// <summary>It has no result yet.</summary>
    Running,

    /// <summary>It has a score.</summary>
    Finished,

    /// <summary>It threw an exception, its process died, or its score is no number; the search goes on without it.</summary>
    Failed,

    /// <summary>It ran longer than <see cref="HyperparameterSearch.TrialTimeLimit"/>. Its score is the last one that it reported; NaN where it has reported none.</summary>
    TimedOut,
}
