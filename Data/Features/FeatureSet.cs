using System.Text.Json;

namespace Gradwright.Data;

/// <summary>
/// Describes pictures by the numbers of several extractors, one after the other, each number with the mean 0 and the deviation 1 that it has in the training part: what a linear
/// classifier, or a small network, learns from.
/// </summary>
/// <example><code>
/// FeatureSet features = FeatureSet.Fit(training, new HistogramOfOrientedGradients(), ColourHistogram.JointHsv());      // the training part only
/// using var loader = new DataLoader(features.Encode(training), batchSize: 64, shuffleSeed: 1);                         // [64, features.Count]
/// features.Save("run/features.json");
/// </code></example>
public sealed class FeatureSet
{
    private const string Format = "gradwright feature set";

    private readonly FeatureExtractor[] _extractors;
    private readonly float[] _mean, _deviation;

    private FeatureSet(FeatureExtractor[] extractors, ImageShape shape, float[] mean, float[] deviation)
    {
        (_extractors, Shape, _mean, _deviation) = (extractors, shape, mean, deviation);
        int count = CountFor(extractors, shape);
        if (mean.Length != count || deviation.Length != count || deviation.AsSpan().ContainsAnyExceptInRange(float.Epsilon, float.MaxValue) || mean.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            throw new ArgumentException($"{string.Join(", ", extractors.AsEnumerable())} make {count} numbers of pictures {shape}, each with a finite mean and a positive deviation, but {mean.Length} and {deviation.Length} are given, or some are neither");
    }

    /// <summary>The form of pictures that are described.</summary>
    public ImageShape Shape { get; }

    /// <summary>How many numbers describe a picture.</summary>
    public int Count => _mean.Length;

    /// <summary>The training part's mean of each number, before normalisation.</summary>
    public ReadOnlySpan<float> Mean => _mean;

    /// <summary>The training part's deviation of each number; 1 where it is always the same.</summary>
    public ReadOnlySpan<float> Deviation => _deviation;

    /// <summary>Learns the normalisation.</summary>
    /// <param name="training">Pictures [channels, height, width] in 0 … 1, Float32, or UInt8; the training part only.</param>
    /// <param name="extractors">What describes them, in this order.</param>
    /// <exception cref="ArgumentException">There are no pictures, or no extractors.</exception>
    /// <exception cref="ShapeException">The samples are no pictures, or an extractor cannot describe them.</exception>
    /// <exception cref="SampleException">An extractor refuses a picture's values; the message names it.</exception>
    public static FeatureSet Fit(IDataset training, params FeatureExtractor[] extractors)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(extractors);
        ImageShape shape = ImageShape.Of(training.Input.Shape, nameof(FeatureSet));
        int count = CountFor(extractors, shape);
        if (training.Count == 0) throw new ArgumentException("FeatureSet: expected pictures to learn from, but the data set is empty.", nameof(training));
        IDataset raw = SampleRows.Map(training, count, nameof(FeatureSet), (pixels, features) => Extract(extractors, shape, pixels, features));
        (double[] sums, double[] squares) = (new double[count], new double[count]);
        foreach (SampleRows rows in SampleRows.Of(raw, nameof(FeatureSet)))
            for (int i = 0; i < rows.Count; i++)
                for (int j = 0; j < count; j++) sums[j] += rows[i][j];
        double[] mean = [.. sums.Select(sum => sum / raw.Count)];
        foreach (SampleRows rows in SampleRows.Of(raw, nameof(FeatureSet)))
            for (int i = 0; i < rows.Count; i++)
                for (int j = 0; j < count; j++) squares[j] += (rows[i][j] - mean[j]) * (rows[i][j] - mean[j]);
        return new([.. extractors], shape, [.. mean.Select(m => (float)m)], [.. squares.Select(square => square / raw.Count > 1e-12 ? (float)Math.Sqrt(square / raw.Count) : 1)]);
    }

    /// <summary>Describes one picture: [<see cref="Count"/>], normalised.</summary>
    /// <param name="pixels">[channels, height, width], in 0 … 1.</param>
    /// <exception cref="ShapeException">The number of pixels is not that of <see cref="Shape"/>.</exception>
    public float[] Of(ReadOnlySpan<float> pixels)
    {
        if (pixels.Length != Shape.Count) throw new ShapeException($"{this}: pictures {Shape} have {Shape.Count} values, but {pixels.Length} were given.");
        float[] features = new float[Count];
        Describe(pixels, features);
        return features;
    }

    /// <summary>Describes all pictures, once and held in memory: Float32 [<see cref="Count"/>], with the targets as they were.</summary>
    /// <exception cref="ShapeException">The pictures have another form than <see cref="Shape"/>.</exception>
    public IDataset Encode(IDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        ImageShape shape = ImageShape.Of(data.Input.Shape, nameof(FeatureSet));
        return shape == Shape ? SampleRows.Map(data, Count, nameof(FeatureSet), Describe)
            : throw new ShapeException($"{this}: it was made for pictures {Shape}, but these are {shape}. Fit it to pictures like these.");
    }

    /// <summary>
    /// Writes a JSON file with everything that was fitted and chosen: the normalisation, and the extractors with their settings, a <see cref="VisualCodebook"/> with its words. Of an
    /// extractor of your own it keeps the name, what its <c>ToString</c> says.
    /// </summary>
    public void Save(string path) => FittedFile.Write(path, Format, json =>
    {
        FittedFile.Numbers(json, "shape", [Shape.Channels, Shape.Height, Shape.Width]);
        json.WriteStartArray("extractors");
        foreach (FeatureExtractor extractor in _extractors) extractor.Write(json);
        json.WriteEndArray();
        FittedFile.Numbers(json, "mean", _mean);
        FittedFile.Numbers(json, "deviation", _deviation);
    });

    /// <summary>Reads what <see cref="Save"/> wrote, to the same bits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="own">Those of the extractors that are of your own, in their order; the others are in the file.</param>
    /// <exception cref="FittedFileException">The file is damaged or another one, or was made with other extractors of your own.</exception>
    public static FeatureSet Load(string path, params FeatureExtractor[] own) => FittedFile.Read(path, Format, json =>
    {
        JsonElement[] saved = [.. json.GetProperty("extractors").EnumerateArray()];
        string[] names = [.. saved.Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!)], given = [.. own.Select(e => $"{e}")];
        if (!names.SequenceEqual(given))
            throw new FormatException($"besides those it holds it was made with the extractors [{string.Join(", ", names)}], and [{string.Join(", ", given)}] are given");
        Queue<FeatureExtractor> rest = new(own);
        return new FeatureSet([.. saved.Select(e => e.ValueKind == JsonValueKind.String ? rest.Dequeue() : FeatureExtractor.Read(e))], FittedFile.Shape(json, "shape"),
            FittedFile.Floats(json, "mean"), FittedFile.Floats(json, "deviation"));
    });

    public override string ToString() => $"FeatureSet({Count} numbers: {string.Join(", ", _extractors.AsEnumerable())})";

    private void Describe(ReadOnlySpan<float> pixels, Span<float> features)
    {
        Extract(_extractors, Shape, pixels, features);
        for (int i = 0; i < features.Length; i++) features[i] = (features[i] - _mean[i]) / _deviation[i];
    }

    private static void Extract(FeatureExtractor[] extractors, ImageShape shape, ReadOnlySpan<float> pixels, Span<float> features)
    {
        foreach (FeatureExtractor extractor in extractors)
        {
            int count = extractor.CountFor(shape);
            extractor.Extract(pixels, shape, features[..count]);
            features = features[count..];
        }
    }

    private static int CountFor(FeatureExtractor[] extractors, ImageShape shape) => extractors.Length > 0 ? extractors.Sum(e => e.CountFor(shape))
        : throw new ArgumentException("FeatureSet: expected at least one extractor, such as new HistogramOfOrientedGradients().");
}
