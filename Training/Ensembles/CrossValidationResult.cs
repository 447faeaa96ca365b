namespace Gradwright.Training;

/// <summary>What the folds of a cross-validation came to.</summary>
public sealed class CrossValidationResult
{
    private readonly IReadOnlyList<IReadOnlyDictionary<string, double>> _folds;

    internal CrossValidationResult(IReadOnlyList<IReadOnlyDictionary<string, double>> folds) => _folds = folds;

    /// <summary>The names of what was measured.</summary>
    public IReadOnlyList<string> Metrics => [.. _folds[0].Keys];

    /// <summary>A metric's value in each fold.</summary>
    public IReadOnlyList<double> Values(string metric)
        => _folds[0].ContainsKey(metric) ? [.. _folds.Select(fold => fold[metric])]
            : throw new ArgumentException($"CrossValidationResult: there is no metric '{metric}'. There are {string.Join(", ", Metrics)}.", nameof(metric));

    /// <summary>The mean over the folds.</summary>
    public double Mean(string metric) => Values(metric).Average();

    /// <summary>The standard deviation of a fold's value, √(Σ(v − v̄)² / (K − 1)).</summary>
    public double Deviation(string metric)
    {
        double mean = Mean(metric);
        return Math.Sqrt(Values(metric).Sum(value => (value - mean) * (value - mean)) / (_folds.Count - 1));
    }

    /// <summary>A line per metric.</summary>
    public override string ToString() => string.Join('\n', Metrics.Select(metric => $"{metric} {Mean(metric):0.####} ± {Deviation(metric):0.####}"));
}
