namespace Gradwright;

/// <summary>How a gradient is checked; the defaults suit a function of Float64 tensors.</summary>
public sealed record GradCheckOptions
{
    /// <summary>
    /// Length h of the finite difference at an element x, as a multiple of max(1, |x|). By default 1e-5 for central and 1e-7 for one-sided
    /// differences; 1e-2 and 1e-3 when a Float32 tensor takes part.
    /// </summary>
    public double? Step { get; init; }

    /// <summary>(f(x+h) − f(x)) / h instead of (f(x+h) − f(x−h)) / 2h: half the evaluations, but an error of order h.</summary>
    public bool OneSided { get; init; }

    /// <summary>The largest relative error that passes; 1e-5 by default, 1e-2 when a Float32 tensor takes part.</summary>
    public double? Tolerance { get; init; }

    /// <summary>A tensor with more elements is checked at this many random ones; all tensors together then also along one random direction.</summary>
    public int MaxElements { get; init; } = 256;

    /// <summary>Chooses the projection of the result, the sampled elements and the random direction.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Generators that the function draws from, such as a dropout layer's: set back before each evaluation, so that all see the same numbers.</summary>
    public IReadOnlyList<Generator> Generators { get; init; } = [];
}
