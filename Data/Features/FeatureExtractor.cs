using System.Text.Json;

namespace Gradwright.Data;

/// <summary>
/// Describes a picture by a few numbers that were thought out rather than learned by gradients. It keeps no state, because a <see cref="FeatureSet"/> asks it from several threads.
/// </summary>
public abstract class FeatureExtractor
{
    /// <summary>How many numbers describe a picture of this form.</summary>
    /// <exception cref="ShapeException">Such pictures cannot be described; the message says why.</exception>
    public abstract int CountFor(ImageShape picture);

    /// <summary>Describes a picture.</summary>
    /// <param name="pixels">[channels, height, width], in 0 … 1.</param>
    /// <param name="shape">Their form, one that <see cref="CountFor"/> accepts.</param>
    /// <param name="features">Room for <see cref="CountFor"/> numbers, with any content.</param>
    public abstract void Extract(ReadOnlySpan<float> pixels, ImageShape shape, Span<float> features);

    /// <summary>Describes one picture, for looking at a feature.</summary>
    /// <param name="pixels">[channels, height, width], in 0 … 1.</param>
    /// <param name="shape">Their form.</param>
    /// <exception cref="ShapeException">The number of pixels is not that of the form, or such pictures cannot be described.</exception>
    public float[] Of(ReadOnlySpan<float> pixels, ImageShape shape)
    {
        float[] features = new float[CountFor(shape)];
        if (pixels.Length != shape.Count) throw new ShapeException($"{this}: a picture {shape} has {shape.Count} values, but {pixels.Length} were given.");
        Extract(pixels, shape, features);
        return features;
    }

    /// <summary>Writes what <see cref="Read"/> makes the same extractor of; of one that is not from here its name, because only who wrote it can make it again.</summary>
    internal virtual void Write(Utf8JsonWriter json) => json.WriteStringValue(ToString());

    /// <summary>An extractor that <see cref="Write"/> wrote as an object.</summary>
    /// <exception cref="FormatException">It is of no known kind.</exception>
    internal static FeatureExtractor Read(JsonElement json) => FittedFile.Text(json, "kind") switch
    {
        HistogramOfOrientedGradients.Kind => HistogramOfOrientedGradients.Restore(json),
        ColourHistogram.Kind => ColourHistogram.Restore(json),
        VisualCodebook.Kind => VisualCodebook.Restore(json),
        string kind => throw new FormatException($"there is no extractor of the kind \"{kind}\""),
    };
}
