namespace Gradwright;

/// <summary>What a gradient check found, tensor by tensor.</summary>
/// <param name="Entries">One per differentiated input and parameter; where elements were sampled, also one for a random direction.</param>
/// <param name="Tolerance">The largest relative error that passes.</param>
/// <param name="Warning">What limits the check, or null.</param>
public sealed record GradCheckReport(IReadOnlyList<GradCheckEntry> Entries, double Tolerance, string? Warning)
{
    /// <summary>The entry with the largest relative error.</summary>
    public GradCheckEntry Worst => Entries.MaxBy(e => e.MaxRelativeError)!;

    /// <summary>The worst entry's verdict.</summary>
    public GradCheckVerdict Verdict => Entries.Max(e => e.Verdict);

    /// <summary>True when every relative error is within the tolerance; elements at a kink do not count.</summary>
    public bool Passed => Entries.All(e => e.MaxRelativeError <= Tolerance);

    /// <summary>One line per entry.</summary>
    public override string ToString()
        => string.Join('\n', Entries.Select(e => e.ToString()).Append(Warning is null ? "" : $"Warning: {Warning}")).TrimEnd();
}

/// <summary>What a gradient check found for one tensor.</summary>
/// <param name="Name">The parameter's name, else its place.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="MaxRelativeError">Largest |a−n| / max(|a|, |n|), after taking off what rounding explains; NaN counts as infinite.</param>
/// <param name="WorstIndex">Where it is largest.</param>
/// <param name="Analytic">The tape's derivative there.</param>
/// <param name="Numeric">The finite difference there.</param>
/// <param name="Checked">Number of elements tried.</param>
/// <param name="Kinks">How many of them lie at a kink.</param>
public sealed record GradCheckEntry(
    string Name, Shape Shape, double MaxRelativeError, IReadOnlyList<long> WorstIndex, double Analytic, double Numeric, long Checked, long Kinks)
{
    /// <summary>How the courses read the error.</summary>
    public GradCheckVerdict Verdict
    {
        get
        {
            GradCheckVerdict verdict = GradCheckVerdicts.Of(MaxRelativeError);
            return Kinks > 0 && verdict < GradCheckVerdict.Kink ? GradCheckVerdict.Kink : verdict;
        }
    }

    public override string ToString()
        => $"{Name} {Shape}: {Verdict.Explanation}. Largest relative error {MaxRelativeError:G3} at [{string.Join(", ", WorstIndex)}] "
        + $"(analytic {Analytic:G9}, numeric {Numeric:G9}); {Checked} of {Shape.Count} elements tried{(Kinks > 0 ? $", {Kinks} at a kink" : "")}.";
}
