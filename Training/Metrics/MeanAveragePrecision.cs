namespace Gradwright.Training;

/// <summary>
/// How well objects are found (COCO's AP; Lin et al., 2014): per class and overlap threshold the mean, over the recalls 0, 0.01, …, 1, of the highest precision that is
/// reached at that recall or more; the mean of these over thresholds and over the classes that have objects. A recall that is never reached has a precision of 0.
/// NaN as long as there is no object.
/// </summary>
/// <remarks>
/// In each image and class the surest detection chooses first; each takes the free object with the largest intersection over union, if that is at least the threshold.
/// The others are false alarms. Boxes are as wide as right − left, in any unit.
/// </remarks>
public sealed class MeanAveragePrecision : Metric
{
    private const int DetectionSize = 6, ObjectSize = 5, MostThresholds = 50, Recalls = 101;
    private const int PerDetection = 4;     // numbers in the state: class, score, hits, ignored

    private readonly double[] _thresholds;
    private readonly int _most;
    private readonly SortedDictionary<long, long> _objects = [];        // by class; crowds do not count
    private readonly List<(long Class, double Score, ulong Hits, ulong Ignored)> _detections = [];

    /// <param name="thresholds">The least overlaps that make a hit, above 0 up to 1; null: 0.5, 0.55, …, 0.95, as in the COCO challenge. PASCAL VOC's is 0.5.</param>
    /// <param name="mostDetections">Only the surest so many count, per image and class.</param>
    public MeanAveragePrecision(IReadOnlyList<double>? thresholds = null, int mostDetections = 100)
    {
        _thresholds = thresholds is null ? [.. Enumerable.Range(10, 10).Select(i => i / 20.0)] : [.. thresholds];
        if (_thresholds.Length is 0 or > MostThresholds || !Array.TrueForAll(_thresholds, t => t is > 0 and <= 1))
            throw new ArgumentException($"MeanAveragePrecision: thresholds [{string.Join(", ", _thresholds)}] must be 1 to {MostThresholds} overlaps above 0 and up to 1. 0.5 is usual.", nameof(thresholds));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mostDetections);
        _most = mostDetections;
        Name = thresholds is null ? "mAP" : $"mAP@{string.Join(',', _thresholds)}";
    }

    public override string Name { get; }

    public override double Value => Mean(_thresholds.Length, i => i);

    /// <summary>The average precision of each class that has objects: its mean over the thresholds.</summary>
    public IReadOnlyDictionary<long, double> PerClass
        => Classes.ToDictionary(c => c, c => Enumerable.Range(0, _thresholds.Length).Average(i => AveragePrecision(c, i)));

    public override IReadOnlyList<double> State
    {
        get => [_objects.Count, .. _objects.SelectMany(entry => new double[] { entry.Key, entry.Value }), .. _detections.SelectMany(d => new[] { d.Class, d.Score, d.Hits, d.Ignored })];
        set
        {
            int classes = value is [var count, ..] && count >= 0 && count < value.Count ? (int)count : value?.Count ?? 0;
            if (value is null || value.Count < 1 + 2L * classes || (value.Count - 1 - 2 * classes) % PerDetection != 0)
                throw new ArgumentException($"The metric '{Name}' keeps a number of classes, 2 numbers for each, and {PerDetection} per detection, but {value?.Count ?? 0} numbers were given. They belong to another metric.");
            Reset();
            foreach (double[] entry in value.Skip(1).Take(2 * classes).Chunk(2)) _objects[(long)entry[0]] = (long)entry[1];
            foreach (double[] d in value.Skip(1 + 2 * classes).Chunk(PerDetection)) _detections.Add(((long)d[0], d[1], (ulong)d[2], (ulong)d[3]));
        }
    }

    private IEnumerable<long> Classes => _objects.Keys;

    /// <summary>The mean over classes at one of the thresholds.</summary>
    /// <exception cref="ArgumentException">It is none of them.</exception>
    public double At(double threshold)
    {
        int i = Array.IndexOf(_thresholds, threshold);
        return i >= 0 ? Mean(1, _ => i)
            : throw new ArgumentException($"MeanAveragePrecision.At: {threshold} is none of the thresholds {string.Join(", ", _thresholds)}. Give it to the constructor.", nameof(threshold));
    }

    /// <param name="prediction">[batch, detections, 6]: class, score, left, top, right, bottom. Rows of a negative class fill up images that have fewer.</param>
    /// <param name="target">
    /// [batch, objects, 5]: class, left, top, right, bottom, filled up likewise; or 6 numbers, of which the last is 1 for a crowd: detections within it do not count.
    /// </param>
    public override void Update(Tensor prediction, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        if (prediction.Rank != 3 || target.Rank != 3 || prediction.Shape[0] != target.Shape[0] || prediction.Shape[2] != DetectionSize || target.Shape[2] is not (ObjectSize or ObjectSize + 1))
            throw new ShapeException($"MeanAveragePrecision: predictions {prediction.Shape} must be [batch, detections, 6] (class, score, left, top, right, bottom) and targets {target.Shape} "
                + "[batch, objects, 5] (class, left, top, right, bottom) or [batch, objects, 6] (… and 1 for a crowd), with equal batches.");
        int images = (int)target.Shape[0], size = (int)target.Shape[2], detections = (int)prediction.Shape[1] * DetectionSize, objects = (int)target.Shape[1] * size;
        double[] found = HostValues.Numbers(prediction), there = HostValues.Numbers(target);
        for (int i = 0; i < images; i++)
            AddImage([.. Rows(found, i * detections, detections, DetectionSize)], [.. Rows(there, i * objects, objects, size)]);
    }

    public override void Reset()
    {
        _objects.Clear();
        _detections.Clear();
    }

    public override string Format(double value) => $"{100 * value:0.0} %";

    // Without the rows that only fill up.
    private static IEnumerable<double[]> Rows(double[] values, int start, int length, int size) => values.Skip(start).Take(length).Chunk(size).Where(row => row[0] >= 0);

    private void AddImage(double[][] found, double[][] there)
    {
        foreach (long c in found.Concat(there).Select(row => (long)row[0]).Distinct().Order())
        {
            // OrderBy keeps equals in their order.
            double[][] detections = [.. found.Where(row => (long)row[0] == c).OrderByDescending(row => row[1]).Take(_most)];
            (DetectionMatcher.Box Box, bool IsCrowd)[] objects =
                [.. there.Where(row => (long)row[0] == c).Select(row => (BoxOf(row, 1), row.Length > ObjectSize && row[ObjectSize] != 0)).OrderBy(o => o.Item2)];
            if (objects.Count(o => !o.IsCrowd) is > 0 and int count) _objects[c] = _objects.GetValueOrDefault(c) + count;
            (ulong Hits, ulong Ignored)[] results = DetectionMatcher.Match(Array.ConvertAll(detections, row => BoxOf(row, 2)), objects, _thresholds);
            for (int d = 0; d < detections.Length; d++) _detections.Add((c, detections[d][1], results[d].Hits, results[d].Ignored));
        }
    }

    private static DetectionMatcher.Box BoxOf(double[] row, int at) => new(row[at], row[at + 1], row[at + 2], row[at + 3]);

    private double Mean(int thresholds, Func<int, int> threshold)
        => Classes.SelectMany(c => Enumerable.Range(0, thresholds).Select(i => AveragePrecision(c, threshold(i)))).DefaultIfEmpty(double.NaN).Average();

    private double AveragePrecision(long @class, int threshold)
    {
        ulong bit = 1UL << threshold;
        long objects = _objects[@class], hits = 0, shown = 0;
        List<(long Hits, double Precision)> curve = [];
        foreach (var detection in _detections.Where(d => d.Class == @class && (d.Ignored & bit) == 0).OrderByDescending(d => d.Score))
        {
            shown++;
            if ((detection.Hits & bit) != 0) curve.Add((++hits, hits / (double)shown));
        }

        // From the end, where the precision of all that follow is known. A recall of i/100 is reached by hits ≥ i/100 · objects.
        double sum = 0, highest = 0;
        for (int i = Recalls - 1, at = curve.Count - 1; i >= 0; i--)
        {
            for (; at >= 0 && curve[at].Hits * (Recalls - 1) >= i * objects; at--) highest = Math.Max(highest, curve[at].Precision);
            sum += highest;
        }

        return sum / Recalls;
    }
}
