namespace Gradwright;

/// <summary>A gradient does not agree with finite differences, or could not be compared. The message names the worst element.</summary>
public sealed class GradCheckException(string message, GradCheckReport? report = null) : Exception(message)
{
    /// <summary>All that was found; null when the comparison could not be made.</summary>
    public GradCheckReport? Report { get; } = report;
}
