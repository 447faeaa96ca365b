namespace Gradwright.Training;

/// <summary>Something that the <see cref="Doctor"/> found.</summary>
/// <param name="Kind">What.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Where">The layer, parameter or part of the data, by its path.</param>
/// <param name="Observation">What was seen, in a sentence.</param>
/// <param name="Evidence">The numbers behind it.</param>
public sealed record Finding(FindingKind Kind, FindingSeverity Severity, string Where, string Observation, IReadOnlyList<Measurement> Evidence)
{
    /// <summary>What to do about it.</summary>
    public string Advice => Training.Advice.For(Kind);

    /// <summary>The kind in words: <c>wrong gradient</c>.</summary>
    public string Title => string.Concat(Kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));

    /// <summary>The evidence of this name.</summary>
    /// <exception cref="KeyNotFoundException">There is none of this name.</exception>
    public double this[string name] => Evidence.Any(e => e.Name == name) ? Evidence.First(e => e.Name == name).Value
        : throw new KeyNotFoundException($"{Title} has no evidence '{name}', only {string.Join(", ", Evidence.Select(e => e.Name))}.");

    public override string ToString()
        => $"{Severity.ToString().ToUpperInvariant(),-7}  {Title} ({Where})\n         {Observation}\n"
        + (Evidence.Count == 0 ? "" : $"         evidence: {string.Join(", ", Evidence)}\n") + $"         advice: {Advice}";
}
