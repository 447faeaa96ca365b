namespace Gradwright.Training;

/// <summary>Facts under one heading of a report.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Facts">In the order in which they are shown.</param>
public sealed record ReportFacts(string Title, IReadOnlyList<ReportFact> Facts);
