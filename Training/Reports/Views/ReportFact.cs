namespace Gradwright.Training;

/// <summary>A fact of a report.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Value">As text.</param>
public sealed record ReportFact(string Name, string Value);
