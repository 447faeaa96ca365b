using System.Numerics;

namespace Gradwright.Data;

/// <summary>
/// (pixel − mean) / deviation, with a mean and a deviation of each channel, or of each pixel. They are those of the training part, which is all that <c>Fit…</c> may see; saved
/// beside the model, they are there when it is used.
/// </summary>
/// <example><code>
/// Normalize normalize = Normalize.FitChannels(new SubsetDataset(pictures, parts[0]));     // the training part only
/// normalize.Save("run/normalize.json");
/// </code></example>
public sealed class Normalize : ImageTransform
{
    private const string Format = "gradwright image normalisation";

    private readonly float[] _mean, _deviation, _factor;        // of each channel, or of each value
    private readonly ImageShape? _shape;                        // of pictures with a mean for each pixel

    private Normalize(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation, ImageShape? shape)
    {
        if (mean.IsEmpty || mean.Length != deviation.Length || deviation.ContainsAnyExceptInRange(float.Epsilon, float.MaxValue) || mean.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            throw new ArgumentException($"{nameof(Normalize)}: expected as many finite means as positive deviations, but {mean.Length} and {deviation.Length} were given" +
                $"{(mean.Length <= 4 && deviation.Length <= 4 ? $": [{string.Join(", ", mean.ToArray())}] and [{string.Join(", ", deviation.ToArray())}]" : "")}.");
        (_mean, _deviation, _shape) = (mean.ToArray(), deviation.ToArray(), shape);
        _factor = [.. _deviation.Select(d => 1 / d)];
    }

    /// <summary>What is subtracted: one number per channel, or one per value [channels, height, width].</summary>
    public ReadOnlySpan<float> Mean => _mean;

    /// <summary>What is divided by, in the form of <see cref="Mean"/>.</summary>
    public ReadOnlySpan<float> Deviation => _deviation;

    /// <summary>Whether each pixel has a mean of its own.</summary>
    public bool IsByPixel => _shape is not null;

    /// <summary>By a mean and a deviation of each channel.</summary>
    public static Normalize ByChannel(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation) => new(mean, deviation, null);

    /// <summary>By a mean and a deviation of each value [channels, height, width].</summary>
    public static Normalize ByPixel(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation, ImageShape shape) => mean.Length == shape.Count ? new(mean, deviation, shape)
        : throw new ArgumentException($"{nameof(Normalize)}: pictures {shape} have {shape.Count} values, but {mean.Length} means were given.", nameof(mean));

    /// <summary>The mean and deviation of each channel over all pixels of these pictures. A channel that is the same everywhere gets the deviation 1.</summary>
    /// <param name="training">Pictures [channels, height, width], Float32 or UInt8 (which counts as 0 … 1); the training part only.</param>
    public static Normalize FitChannels(IDataset training)
    {
        ArgumentNullException.ThrowIfNull(training);
        ImageShape shape = ImageShape.Of(training.Input.Shape, nameof(Normalize));
        (double[] sums, double[] squares) = ImageReader.Moments(training, shape);
        return new(Statistics(sums, squares, shape.Channels, shape.Plane, training.Count * shape.Plane, out float[] deviation), deviation, null);
    }

    /// <summary>The mean and deviation of each pixel and channel over all of these pictures. A pixel that is the same in all gets the deviation 1.</summary>
    /// <inheritdoc cref="FitChannels"/>
    public static Normalize FitPixels(IDataset training)
    {
        ArgumentNullException.ThrowIfNull(training);
        ImageShape shape = ImageShape.Of(training.Input.Shape, nameof(Normalize));
        (double[] sums, double[] squares) = ImageReader.Moments(training, shape);
        return new(Statistics(sums, squares, shape.Count, 1, training.Count, out float[] deviation), deviation, shape);
    }

    /// <summary>Writes a JSON file.</summary>
    public void Save(string path) => FittedFile.Write(path, Format, json =>
    {
        if (_shape is { } shape) FittedFile.Numbers(json, "shape", [shape.Channels, shape.Height, shape.Width]);
        FittedFile.Numbers(json, "mean", _mean);
        FittedFile.Numbers(json, "deviation", _deviation);
    });

    /// <summary>Reads what <see cref="Save"/> wrote, to the same bits.</summary>
    /// <exception cref="FittedFileException">The file is damaged, or another one.</exception>
    public static Normalize Load(string path) => FittedFile.Read(path, Format, json =>
    {
        (float[] mean, float[] deviation) = (FittedFile.Floats(json, "mean"), FittedFile.Floats(json, "deviation"));
        return json.TryGetProperty("shape", out _) ? ByPixel(mean, deviation, FittedFile.Shape(json, "shape")) : ByChannel(mean, deviation);
    });

    public override ImageShape ResultOf(ImageShape input) => input == (_shape ?? input) && (IsByPixel || input.Channels == _mean.Length) ? input
        : throw new ShapeException($"{this}: it was made for pictures of {(_shape is { } own ? $"{own}" : $"{_mean.Length} channels")}, but these are {input}. Fit it to pictures like these" +
            $"{(IsByPixel ? ", after cropping and resizing" : "")}.");

    public override void Apply(ImageCanvas picture, Generator random)
    {
        if (IsByPixel)
        {
            Span<float> pixels = picture.Pixels;
            int i = 0;
            for (; i <= pixels.Length - Vector<float>.Count; i += Vector<float>.Count)
                ((new Vector<float>(pixels[i..]) - new Vector<float>(_mean, i)) * new Vector<float>(_factor, i)).CopyTo(pixels[i..]);
            for (; i < pixels.Length; i++) pixels[i] = (pixels[i] - _mean[i]) * _factor[i];
            return;
        }

        for (int c = 0; c < _mean.Length; c++)
        {
            Span<float> plane = picture.Plane(c);
            (float mean, float factor, int i) = (_mean[c], _factor[c], 0);
            for (; i <= plane.Length - Vector<float>.Count; i += Vector<float>.Count)
                ((new Vector<float>(plane[i..]) - new Vector<float>(mean)) * factor).CopyTo(plane[i..]);
            for (; i < plane.Length; i++) plane[i] = (plane[i] - mean) * factor;
        }
    }

    public override string ToString() => _shape is { } shape ? $"Normalize({shape})" : $"Normalize(mean: [{string.Join(", ", _mean)}], deviation: [{string.Join(", ", _deviation)}])";

    // Of groups of values that follow each other.
    private static float[] Statistics(double[] sums, double[] squares, int groups, int each, long count, out float[] deviation)
    {
        float[] mean = new float[groups];
        deviation = new float[groups];
        for (int g = 0; g < groups; g++)
        {
            double sum = 0, square = 0;
            for (int i = g * each; i < (g + 1) * each; i++) (sum, square) = (sum + sums[i], square + squares[i]);
            double m = sum / count, variance = square / count - m * m;
            (mean[g], deviation[g]) = ((float)m, variance > 1e-12 ? (float)Math.Sqrt(variance) : 1);
        }

        return mean;
    }
}
