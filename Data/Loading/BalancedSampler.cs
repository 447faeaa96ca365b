namespace Gradwright.Data;

/// <summary>
/// Gives every class equally many samples in each epoch, but for one: those of rare classes come several times, each as often as the others of its class
/// (but for one), and those of frequent classes take turns from epoch to epoch at random.
/// </summary>
public sealed class BalancedSampler : Sampler
{
    private readonly int[] _labels;
    private readonly int _classes;

    /// <summary>Balances classes.</summary>
    /// <param name="labels">The class of each sample of the data set.</param>
    /// <param name="count">Samples in an epoch; 0: as many as there are labels.</param>
    /// <exception cref="ArgumentException">There are no labels.</exception>
    public BalancedSampler(ReadOnlySpan<int> labels, long count = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (labels.IsEmpty) throw new ArgumentException("BalancedSampler: expected the label of each sample, but none was given.", nameof(labels));
        _labels = labels.ToArray();
        _classes = _labels.Distinct().Count();
        Count = count == 0 ? labels.Length : count;
    }

    public override long Count { get; }

    public override long DatasetCount => _labels.Length;

    public override void Fill(Span<long> order, Generator random)
    {
        long[][] groups = LabelGroups.Shuffled(_labels, random);
        random.Shuffle(groups.AsSpan());        // which classes get one more, where the epoch is no multiple of their number
        for (int i = 0; i < order.Length; i++)
        {
            (long[] group, int turn) = (groups[i % _classes], i / _classes);
            if (turn > 0 && turn % group.Length == 0) random.Shuffle(group.AsSpan());
            order[i] = group[turn % group.Length];
        }
        random.Shuffle(order);
    }
}
