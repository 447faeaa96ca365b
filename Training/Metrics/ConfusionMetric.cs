namespace Gradwright.Training;

/// <summary>
/// A metric that follows from how often each class was taken for which: <see cref="Precision"/>, <see cref="Recall"/>, <see cref="FScore"/>, <see cref="MeanIoU"/>.
/// A class that occurs neither as target nor as prediction has no value (NaN) and is left out of averages; one that occurs, but has nothing to divide by, has 0.
/// </summary>
public abstract class ConfusionMetric : Metric
{
    /// <summary>What marks samples to leave out, by custom; the same as for the loss.</summary>
    public const long NoClass = -100;

    private readonly ClassAverage _average;
    private readonly double _threshold;
    private readonly long _ignoreIndex;

    /// <param name="classes">How many classes there are.</param>
    /// <param name="average">How the classes' values become one.</param>
    /// <param name="threshold">Where there is one score per target: above it the sample is of class 1. 0.5 fits probabilities, 0 fits logits.</param>
    /// <param name="ignoreIndex">Samples with this target count nothing.</param>
    protected ConfusionMetric(int classes, ClassAverage average, double threshold, long ignoreIndex)
    {
        if (average == ClassAverage.Binary && classes != 2)
            throw new ArgumentException($"{GetType().Name}: {nameof(ClassAverage.Binary)} is the value of class 1 of two, but there are {classes} classes. {nameof(PerClass)} has the value of any class.", nameof(average));
        Matrix = new(classes);
        (_average, _threshold, _ignoreIndex) = (average, threshold, ignoreIndex);
    }

    /// <summary>What was gathered since <see cref="Reset"/>.</summary>
    public ConfusionMatrix Matrix { get; }

    /// <summary>The value of each class.</summary>
    public IReadOnlyList<double> PerClass => [.. Counts.Select(Measure)];

    public override string Name => _average is ClassAverage.Micro or ClassAverage.Weighted ? $"{_average.ToString().ToLowerInvariant()} {Measured}" : Measured;

    public override double Value
    {
        get
        {
            ClassCounts[] counts = [.. Counts];
            return _average switch
            {
                ClassAverage.Binary => Measure(counts[1]),
                ClassAverage.Micro => Measure(counts.Aggregate((a, b) => a + b)),
                ClassAverage.Macro => Mean(counts, _ => 1),
                _ => Mean(counts, c => c.Targets),
            };
        }
    }

    public override IReadOnlyList<double> State
    {
        get => Array.ConvertAll(Matrix.Counts.ToArray(), count => (double)count);
        set
        {
            if (value?.Count != Matrix.Counts.Length)
                throw new ArgumentException($"The metric '{Name}' keeps {Matrix.Counts.Length} counts, but {value?.Count ?? 0} numbers were given. They belong to another metric.");
            Matrix.Load(value);
        }
    }

    /// <param name="prediction">Scores or probabilities, [batch, classes, …]; or one score per target, where there are 2 classes; or the classes themselves, as integers.</param>
    /// <param name="target">The right classes, [batch, …].</param>
    public override void Update(Tensor prediction, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        long[] decisions = Decide(prediction, target), targets = HostValues.Integers(target);
        for (int i = 0; i < targets.Length; i++)
            if (targets[i] != _ignoreIndex) Matrix.Add(targets[i], decisions[i]);
    }

    public override void Reset() => Matrix.Clear();

    public override string Format(double value) => $"{100 * value:0.00} %";

    /// <summary>What is measured, for <see cref="Name"/>.</summary>
    protected abstract string Measured { get; }

    /// <summary>The value of one class, or of several together, that occurs.</summary>
    protected abstract double MeasureCore(ClassCounts counts);

    /// <summary>A quotient that is 0 where there is nothing to divide by.</summary>
    protected static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;

    private IEnumerable<ClassCounts> Counts => Enumerable.Range(0, Matrix.Classes).Select(Matrix.Of);

    private double Measure(ClassCounts counts) => counts.Occurs ? MeasureCore(counts) : double.NaN;

    private double Mean(ClassCounts[] counts, Func<ClassCounts, double> weight)
    {
        double sum = 0, weights = 0;
        foreach (ClassCounts count in counts.Where(count => count.Occurs))
        {
            sum += weight(count) * MeasureCore(count);
            weights += weight(count);
        }

        return sum / weights;
    }

    private long[] Decide(Tensor prediction, Tensor target)
    {
        ReadOnlySpan<long> scores = prediction.Shape.Span, targets = target.Shape.Span;
        if (prediction.Shape == target.Shape && !prediction.DType.IsFloating) return HostValues.Integers(prediction);
        bool hasClasses = scores.Length == targets.Length + 1 && targets.Length > 0 && scores[0] == targets[0] && scores[2..].SequenceEqual(targets[1..]);
        if (hasClasses && scores[1] == Matrix.Classes) return HostValues.Integers(prediction.ArgMax(1));
        if (Matrix.Classes == 2 && (prediction.Shape == target.Shape || (hasClasses && scores[1] == 1)))
            return Array.ConvertAll(HostValues.Numbers(prediction), score => score > _threshold ? 1L : 0);
        throw new ShapeException($"{GetType().Name}: predictions {prediction.Describe()} and targets {target.Describe()} do not belong together. Predictions must be scores [batch, {Matrix.Classes}, …] "
            + $"for targets [batch, …]{(Matrix.Classes == 2 ? ", one score per target" : "")}, or classes as integers in the targets' shape.");
    }
}
