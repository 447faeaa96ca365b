namespace Gradwright.Training;

/// <summary>How decisions for one class went, or for several together.</summary>
/// <param name="Hits">Samples of the class that were given it (true positives).</param>
/// <param name="FalseAlarms">Samples of other classes that were given it (false positives).</param>
/// <param name="Misses">Samples of the class that were given another one (false negatives).</param>
public readonly record struct ClassCounts(long Hits, long FalseAlarms, long Misses)
{
    /// <summary>Whether the class is anybody's target or prediction.</summary>
    public bool Occurs => Hits + FalseAlarms + Misses > 0;

    /// <summary>Samples of the class (the support).</summary>
    public long Targets => Hits + Misses;

    public static ClassCounts operator +(ClassCounts a, ClassCounts b) => new(a.Hits + b.Hits, a.FalseAlarms + b.FalseAlarms, a.Misses + b.Misses);
}
