namespace Gradwright.Training;

/// <summary>
/// The area under the receiver operating characteristic: the probability that a sample of a class has a higher score for it than one of another class; equal scores
/// count half. 0.5 is guessing. Of more than two classes the mean of each one against the rest. A class without samples, or without any of other classes, has no
/// area and is left out; NaN is left where none has one, and after a NaN score.
/// </summary>
/// <remarks>Keeps all scores since <see cref="Reset"/>: 8 bytes per sample and class.</remarks>
public sealed class RocAuc : Metric
{
    private readonly int _classes;
    private readonly bool _logits;
    private readonly List<double> _scores = [];     // [samples, columns], columns: 1 for two classes
    private readonly List<long> _targets = [];
    private double? _value;

    /// <param name="classes">How many classes there are, 2 or more.</param>
    /// <param name="logits">
    /// Whether a row of scores is logits, whose softmax is compared, or already probabilities. One score per sample is compared as it is.
    /// </param>
    public RocAuc(int classes = 2, bool logits = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        (_classes, _logits) = (classes, logits);
    }

    public override string Name => "ROC AUC";

    /// <summary>The area of each class against the rest; for two classes the same twice.</summary>
    public IReadOnlyList<double> PerClass => _classes == 2 ? [Area(0), Area(0)] : [.. Enumerable.Range(0, _classes).Select(Area)];

    public override double Value => _value ??= _scores.Exists(double.IsNaN) ? double.NaN : PerClass.Where(area => !double.IsNaN(area)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>The targets, and behind them the scores.</summary>
    public override IReadOnlyList<double> State
    {
        get => [.. _targets.Select(target => (double)target), .. _scores];
        set
        {
            if (value is null || value.Count % (1 + Columns) != 0)
                throw new ArgumentException($"The metric '{Name}' keeps {1 + Columns} numbers per sample, but {value?.Count ?? 0} numbers were given. They belong to another metric.");
            Reset();
            int samples = value.Count / (1 + Columns);
            _targets.AddRange(value.Take(samples).Select(target => (long)target));
            _scores.AddRange(value.Skip(samples));
        }
    }

    private int Columns => _classes == 2 ? 1 : _classes;

    /// <param name="prediction">Scores, [batch, classes]; for two classes also one score per sample, [batch] or [batch, 1]: higher for class 1.</param>
    /// <param name="target">The right classes, [batch] or [batch, 1].</param>
    public override void Update(Tensor prediction, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        long samples = target.Count;
        bool single = _classes == 2 && prediction.Count == samples;
        if (target.Rank is 0 or > 2 || target.Shape[0] != samples || prediction.Rank is 0 or > 2 || prediction.Shape[0] != samples || !(single || (prediction.Rank == 2 && prediction.Shape[1] == _classes)))
            throw new ShapeException($"RocAuc: predictions {prediction.Shape} must be [batch, {_classes}]{(_classes == 2 ? " or a score per sample" : "")} and targets {target.Shape} [batch], with equal batches.");
        long[] targets = HostValues.Integers(target);
        if (Array.FindIndex(targets, t => (ulong)t >= (ulong)_classes) is >= 0 and int i)
            throw new ArgumentException($"RocAuc: target {i} is class {targets[i]}, but there are {_classes} classes, 0 to {_classes - 1}.", nameof(target));
        double[] scores = HostValues.Numbers(prediction);
        _targets.AddRange(targets);
        if (single) _scores.AddRange(scores);
        else foreach (double[] row in scores.Chunk(_classes)) AddRow(row);
        _value = null;
    }

    public override void Reset()
    {
        _scores.Clear();
        _targets.Clear();
        _value = null;
    }

    private void AddRow(double[] row)
    {
        for (int i = _classes - Columns; i < _classes; i++) _scores.Add(_logits ? LogOdds(row, i) : row[i]);
    }

    // ln(p / (1 − p)) of the softmax: orders samples as p does, but does not run into 0 or 1.
    private static double LogOdds(double[] row, int i)
    {
        double highest = double.NegativeInfinity, sum = 0;
        for (int j = 0; j < row.Length; j++)
            if (j != i) highest = Math.Max(highest, row[j]);
        for (int j = 0; j < row.Length; j++)
            if (j != i) sum += Math.Exp(row[j] - highest);
        return row[i] - highest - Math.Log(sum);
    }

    // Mann and Whitney's U by ranks, over the number of pairs.
    private double Area(int column)
    {
        int n = _targets.Count;
        double[] scores = new double[n];
        bool[] isOwn = new bool[n];
        for (int i = 0; i < n; i++) (scores[i], isOwn[i]) = (_scores[i * Columns + column], _targets[i] == (_classes == 2 ? 1 : column));
        if (Array.Exists(scores, double.IsNaN)) return double.NaN;      // has no rank
        Array.Sort(scores, isOwn);
        double ranks = 0, own = 0;
        for (int first = 0; first < n;)
        {
            int end = first, tied = 0;
            for (; end < n && scores[end] == scores[first]; end++)
                if (isOwn[end]) tied++;
            ranks += tied * (first + 1 + end) / 2.0;        // the mean of ranks first + 1 to end
            own += tied;
            first = end;
        }

        return (ranks - own * (own + 1) / 2) / (own * (n - own));
    }
}
