namespace Gradwright.Optim;

/// <summary>How an exponential average begins.</summary>
public enum AverageStart
{
    /// <summary>It is the parameters' values before the first update, which it forgets at the usual pace.</summary>
    FirstValues,

    /// <summary>As if it began with zeros and were divided by 1 − βᵗ, as Adam's means are: the first update replaces it, the next ones weigh as they would later.</summary>
    BiasCorrected,

    /// <summary>The decay grows: min(β, t / (9 + t)), so that an early average reaches back a tenth of the way.</summary>
    Growing,
}
