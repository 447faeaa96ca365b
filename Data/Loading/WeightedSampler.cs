namespace Gradwright.Data;

/// <summary>Draws samples with replacement, each with a probability in proportion to its weight.</summary>
public sealed class WeightedSampler : Sampler
{
    private readonly double[] _sums;        // of the weights up to and with each sample

    /// <summary>Draws by weights.</summary>
    /// <param name="weights">One for each sample of the data set: not negative, not all zero.</param>
    /// <param name="count">Samples in an epoch; 0: as many as there are weights.</param>
    /// <exception cref="ArgumentException">A weight is negative or not finite, or all are zero.</exception>
    public WeightedSampler(ReadOnlySpan<double> weights, long count = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _sums = new double[weights.Length];
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (!(weights[i] >= 0)) throw new ArgumentException($"WeightedSampler: weights must be finite and not negative, but weight {i} is " +
                $"{weights[i]}.", nameof(weights));
            _sums[i] = sum += weights[i];
        }
        if (!(sum > 0 && double.IsFinite(sum))) throw new ArgumentException($"WeightedSampler: the sum of the {weights.Length} weights must be " +
            $"positive and finite, but is {sum}.", nameof(weights));
        Count = count == 0 ? weights.Length : count;
    }

    public override long Count { get; }

    public override long DatasetCount => _sums.Length;

    public override void Fill(Span<long> order, Generator random)
    {
        for (int i = 0; i < order.Length; i++)
        {
            // The first sample whose sum is above the number drawn: one of weight zero adds nothing and is never it.
            double drawn = random.NextDouble() * _sums[^1];
            (int low, int high) = (0, _sums.Length - 1);
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (_sums[middle] > drawn) high = middle;
                else low = middle + 1;
            }
            order[i] = low;
        }
    }
}
