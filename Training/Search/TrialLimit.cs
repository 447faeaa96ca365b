namespace Gradwright.Training;

/// <summary>How long a trial may take, by which clock.</summary>
/// <param name="Time">Until it is asked to stop; null: as long as it wants.</param>
/// <param name="Grace">From then until its process is killed.</param>
/// <param name="Clock">The clock.</param>
internal readonly record struct TrialLimit(TimeSpan? Time, TimeSpan Grace, TimeProvider Clock)
{
    /// <summary>Is cancelled when the time is over.</summary>
    public CancellationTokenSource Start() => Time is { } time ? new(time, Clock) : new();
}
