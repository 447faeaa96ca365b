namespace Gradwright.Data;

/// <summary>
/// Says which samples make an epoch, and in which order. The order is a function of the generator alone, which a loader makes of its seed and the epoch:
/// that is all a resumed run needs.
/// </summary>
public abstract class Sampler
{
    /// <summary>Samples in an epoch.</summary>
    public abstract long Count { get; }

    /// <summary>One more than the largest sample number there may be: the data set must have as many samples.</summary>
    public abstract long DatasetCount { get; }

    /// <summary>Writes the numbers of an epoch's samples; a sample may occur several times, or not at all.</summary>
    /// <param name="order">Room for <see cref="Count"/> numbers.</param>
    /// <param name="random">Where randomness comes from.</param>
    public abstract void Fill(Span<long> order, Generator random);
}
