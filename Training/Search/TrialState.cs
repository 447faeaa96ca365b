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
}
