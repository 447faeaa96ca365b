namespace Gradwright.Training;

/// <summary>A metric that is a mean over samples.</summary>
public abstract class MeanMetric : Metric
{
    private double _sum, _count;

    public override double Value => _sum / _count;

    public override IReadOnlyList<double> State
    {
        get => [_sum, _count];
        set
        {
            if (value is not [double sum, double count])
                throw new ArgumentException($"The metric '{Name}' keeps a sum and a count, but {value?.Count ?? 0} numbers were given. They belong to another metric.");
            (_sum, _count) = (sum, count);
        }
    }

    public override void Reset() => (_sum, _count) = (0, 0);

    /// <summary>Adds <paramref name="count"/> samples whose values come to <paramref name="sum"/>.</summary>
    protected internal void Add(double sum, long count)
    {
        _sum += sum;
        _count += count;
    }
}
