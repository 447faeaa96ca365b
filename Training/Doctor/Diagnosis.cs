using System.Text;

namespace Gradwright.Training;

/// <summary>What <see cref="Doctor"/> came to; prints as a report.</summary>
/// <param name="Subject">What was examined.</param>
/// <param name="Findings">The worst first; among equals, causes before their consequences.</param>
/// <param name="Measurements">What was measured, whether it led to a finding or not.</param>
/// <param name="Skipped">Checks that were left out, with the reason.</param>
public sealed record Diagnosis(string Subject, IReadOnlyList<Finding> Findings, IReadOnlyList<Measurement> Measurements, IReadOnlyList<string> Skipped)
{
    /// <summary>True when there is nothing worse than a note.</summary>
    public bool IsHealthy => Findings.All(finding => finding.Severity == FindingSeverity.Note);

    /// <summary>Whether something of this kind was found.</summary>
    public bool Has(FindingKind kind) => Findings.Any(finding => finding.Kind == kind);

    /// <summary>The worst finding of this kind, or null.</summary>
    public Finding? Of(FindingKind kind) => Findings.FirstOrDefault(finding => finding.Kind == kind);

    /// <summary>A measurement by name; NaN if it was not made.</summary>
    public double this[string name] => Measurements.Where(m => m.Name == name).Select(m => m.Value).DefaultIfEmpty(double.NaN).First();

    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(Subject).Append(": ").Append(IsHealthy ? "nothing wrong was found." : Count(Findings.Count(finding => finding.Severity != FindingSeverity.Note))).Append('\n');
        foreach (Finding finding in Findings) text.Append('\n').Append(finding).Append('\n');
        if (Measurements.Count > 0) text.Append('\n').Append("Measured: ").AppendJoin(", ", Measurements).Append('\n');
        foreach (string skipped in Skipped) text.Append("Skipped: ").Append(skipped).Append('\n');
        return text.ToString().TrimEnd('\n');
    }

    private static string Count(int findings) => findings == 1 ? "1 thing is wrong." : $"{findings} things are wrong; the first is the likeliest cause.";

    /// <summary>In the order in which they are reported.</summary>
    internal static Diagnosis Of(string subject, IEnumerable<Finding> findings, IEnumerable<Measurement>? measurements = null, IEnumerable<string>? skipped = null)
        => new(subject, [.. findings.OrderByDescending(finding => finding.Severity).ThenBy(finding => finding.Kind)], [.. measurements ?? []], [.. skipped ?? []]);
}
