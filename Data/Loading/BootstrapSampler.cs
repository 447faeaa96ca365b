namespace Gradwright.Data;

/// <summary>
/// A bootstrap sample (Efron, 1979): as many samples as there are, drawn once with replacement, about 63 % of them different. Each epoch goes through the same ones, in a new order.
/// Models trained on several make a bagged ensemble (Breiman, "Bagging predictors", 1996).
/// </summary>
/// <example><code>
/// for (ulong member = 0; member &lt; 10; member++)
/// {
///     BootstrapSampler sampler = new(data.Count, seed: member);
///     using DataLoader loader = new(data, 32, shuffleSeed: member, sampler: sampler);
///     models.Add(Train(loader, validation: new SubsetDataset(data, sampler.OutOfBag)));
/// }
/// using Ensemble bagged = new(models, EnsembleRule.Votes);
/// </code></example>
public sealed class BootstrapSampler : Sampler
{
    private readonly long[] _drawn, _outOfBag;

    /// <summary>Draws a bootstrap sample.</summary>
    /// <param name="samples">Samples of the data set.</param>
    /// <param name="seed">Which ones follow from it; the loader's seed only orders them.</param>
    /// <param name="count">How many to draw; 0: as many as there are samples.</param>
    public BootstrapSampler(long samples, ulong seed, long count = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Generator random = new Generator(seed).Fork("bootstrap");
        bool[] isDrawn = new bool[samples];
        _drawn = new long[count == 0 ? samples : count];
        for (int i = 0; i < _drawn.Length; i++) isDrawn[_drawn[i] = random.Next(samples)] = true;
        _outOfBag = [.. Enumerable.Range(0, isDrawn.Length).Where(i => !isDrawn[i]).Select(i => (long)i)];
        DatasetCount = samples;
    }

    /// <summary>The samples that were not drawn, about 37 %: the model that learns from the others can be validated on them.</summary>
    public ReadOnlySpan<long> OutOfBag => _outOfBag;

    public override long Count => _drawn.Length;

    public override long DatasetCount { get; }

    public override void Fill(Span<long> order, Generator random)
    {
        ArgumentNullException.ThrowIfNull(random);
        _drawn.CopyTo(order);
        random.Shuffle(order);
    }
}
