namespace Gradwright.Training;

/// <summary>A measured quantity.</summary>
/// <param name="Name">Its name.</param>
/// <param name="HigherIsBetter">Which direction is better.</param>
public sealed record ReportMetric(string Name, bool HigherIsBetter);
