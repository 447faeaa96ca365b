namespace Gradwright.Training;

/// <summary>
/// The share of the targets' variance that is explained, R² = 1 − Σ(t − y)² / Σ(t − t̄)²: 1 is perfect, 0 no better than always giving the mean, negative worse.
/// Of several outputs the mean of each one's R². NaN where all targets of an output are equal.
/// </summary>
public sealed class RSquared : Metric
{
    private const int Numbers = 4;      // per output: count, mean of the targets, Σ(t − t̄)², Σ(t − y)²

    private double[] _state = [];

    public override string Name => "R²";

    public override double Value => _state.Length == 0 ? double.NaN : _state.Chunk(Numbers).Average(output => output is [_, _, > 0 and double spread, double error] ? 1 - error / spread : double.NaN);

    public override IReadOnlyList<double> State
    {
        get => _state;
        set
        {
            if (value is null || value.Count % Numbers != 0)
                throw new ArgumentException($"The metric '{Name}' keeps {Numbers} numbers per output, but {value?.Count ?? 0} numbers were given. They belong to another metric.");
            _state = [.. value];
        }
    }

    /// <param name="prediction">[batch, …]: a number per output.</param>
    /// <param name="target">The same shape.</param>
    public override void Update(Tensor prediction, Tensor target)
    {
        (double[] y, double[] t) = Regression.Values(nameof(RSquared), prediction, target);
        if (t.Length == 0) return;
        int outputs = t.Length / (int)(target.Rank == 0 ? 1 : target.Shape[0]);
        if (_state.Length == 0) _state = new double[Numbers * outputs];
        if (_state.Length != Numbers * outputs)
            throw new ShapeException($"RSquared: targets {target.Shape} have {outputs} outputs, but those before had {_state.Length / Numbers}. Call Reset() between data sets.");
        for (int i = 0; i < t.Length; i++) Add(_state.AsSpan(i % outputs * Numbers, Numbers), t[i], y[i]);
    }

    public override void Reset() => _state = [];

    // Welford's update: exact enough where the targets' mean is far larger than their spread.
    private static void Add(Span<double> output, double target, double prediction)
    {
        double before = target - output[1];
        output[0]++;
        output[1] += before / output[0];
        output[2] += before * (target - output[1]);
        output[3] += (target - prediction) * (target - prediction);
    }
}
