namespace Gradwright;

/// <summary>How a relative error |a−n| / max(|a|, |n|) between an analytic and a numeric derivative is read; ordered from best to worst.</summary>
public enum GradCheckVerdict
{
    /// <summary>At most 1e-7: equal up to rounding.</summary>
    Good,

    /// <summary>At most 1e-4: fine where the function has kinks (ReLU, max, |x|) close by, too much for a smooth one.</summary>
    Acceptable,

    /// <summary>The function bends sharply here: its left and right derivatives differ, and the gradient lies between them.</summary>
    Kink,

    /// <summary>At most 1e-2: probably a mistake.</summary>
    Suspicious,

    /// <summary>Above 1e-2, or NaN: the gradient is wrong.</summary>
    Wrong,
}

/// <summary>Verdicts in words.</summary>
public static class GradCheckVerdicts
{
    extension(GradCheckVerdict verdict)
    {
        /// <summary>The verdict as half a sentence.</summary>
        public string Explanation => verdict switch
        {
            GradCheckVerdict.Good => "good: equal up to rounding",
            GradCheckVerdict.Acceptable => "acceptable near kinks, large for a smooth function",
            GradCheckVerdict.Kink => "at a kink: the gradient lies between the left and the right derivative",
            GradCheckVerdict.Suspicious => "suspicious: probably a mistake",
            _ => "wrong",
        };
    }

    /// <summary>How the courses read a relative error.</summary>
    internal static GradCheckVerdict Of(double relativeError) => relativeError switch
    {
        <= 1e-7 => GradCheckVerdict.Good,
        <= 1e-4 => GradCheckVerdict.Acceptable,
        <= 1e-2 => GradCheckVerdict.Suspicious,
        _ => GradCheckVerdict.Wrong,
    };
}
