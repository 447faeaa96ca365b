using System.Text.Json;

namespace Gradwright.Data;

/// <summary>
/// Which colours a picture has, wherever they are: the share of its pixels in each bin (Swain and Ballard 1991). Either of each channel by itself, or of hue, saturation and value
/// together, which keeps colours apart from the light that falls on them.
/// </summary>
public sealed class ColourHistogram : FeatureExtractor
{
    internal const string Kind = "colour histogram";

    private readonly int _bins;                                     // of each channel; 0: joint
    private readonly int _hues, _saturations, _values;

    private ColourHistogram(int bins, int hues, int saturations, int values)
    {
        if (Math.Min(bins, Math.Min(hues, Math.Min(saturations, values))) < 1 || (long)hues * saturations * values > Array.MaxLength)
            throw new ArgumentException($"ColourHistogram: expected at least one bin, and {Array.MaxLength} at most, but {bins} of a channel, and {hues} · {saturations} · {values} together, were asked for.");
        (_bins, _hues, _saturations, _values) = (bins, hues, saturations, values);
    }

    /// <summary>A histogram of each channel: [channels, bins], each row with the sum 1.</summary>
    /// <param name="bins">Equal parts of 0 … 1.</param>
    public static ColourHistogram PerChannel(int bins = 16) => new(bins, 1, 1, 1) { IsJoint = false };

    /// <summary>One histogram of hue, saturation and value together: [hues, saturations, values], with the sum 1. Gray has hue 0.</summary>
    /// <param name="hues">Equal parts of the circle of hues; the first begins at red.</param>
    /// <param name="saturations">Equal parts of the saturation, gray to pure.</param>
    /// <param name="values">Equal parts of the value: a colour's largest channel.</param>
    public static ColourHistogram JointHsv(int hues = 12, int saturations = 3, int values = 3) => new(1, hues, saturations, values) { IsJoint = true };

    /// <summary>Whether hue, saturation and value are counted together.</summary>
    public bool IsJoint { get; private init; }

    public override int CountFor(ImageShape picture) => !IsJoint ? picture.Channels * _bins
        : picture.Channels == 3 ? _hues * _saturations * _values
        : throw new ShapeException($"{this}: hues are of pictures with the 3 channels red, green and blue, but these are {picture}. Use ColourHistogram.PerChannel.");

    /// <exception cref="ArgumentException">A pixel is not in 0 … 1.</exception>
    public override void Extract(ReadOnlySpan<float> pixels, ImageShape shape, Span<float> features)
    {
        features.Clear();
        float share = 1f / shape.Plane;
        if (!IsJoint)
        {
            for (int i = 0; i < pixels.Length; i++) features[i / shape.Plane * _bins + Bin(Checked(pixels[i]), _bins)]++;
        }
        else
        {
            for (int i = 0; i < shape.Plane; i++)
            {
                (float hue, float saturation, float value) = Hsv(Checked(pixels[i]), Checked(pixels[i + shape.Plane]), Checked(pixels[i + 2 * shape.Plane]));
                features[(Bin(hue, _hues) * _saturations + Bin(saturation, _saturations)) * _values + Bin(value, _values)]++;
            }
        }

        foreach (ref float count in features) count *= share;
    }

    public override string ToString() => IsJoint ? $"ColourHistogram.JointHsv({_hues}, {_saturations}, {_values})" : $"ColourHistogram.PerChannel({_bins})";

    internal override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("kind", Kind);
        if (!IsJoint) json.WriteNumber("bins", _bins);
        else
        {
            json.WriteNumber("hues", _hues);
            json.WriteNumber("saturations", _saturations);
            json.WriteNumber("values", _values);
        }

        json.WriteEndObject();
    }

    internal static ColourHistogram Restore(JsonElement json) => json.TryGetProperty("bins", out JsonElement bins) ? PerChannel(bins.GetInt32())
        : JointHsv(json.GetProperty("hues").GetInt32(), json.GetProperty("saturations").GetInt32(), json.GetProperty("values").GetInt32());

    /// <summary>Hue in turns, 0 … 1 from red over green and blue; saturation and value, 0 … 1 (Smith 1978).</summary>
    internal static (float Hue, float Saturation, float Value) Hsv(float red, float green, float blue)
    {
        float high = Math.Max(red, Math.Max(green, blue)), range = high - Math.Min(red, Math.Min(green, blue));
        if (range <= 0) return (0, 0, high);
        float sixths = high == red ? (green - blue) / range : high == green ? 2 + (blue - red) / range : 4 + (red - green) / range;
        return ((sixths < 0 ? sixths + 6 : sixths) / 6, range / high, high);
    }

    // The last bin holds 1 as well.
    private static int Bin(float value, int bins) => Math.Min((int)(value * bins), bins - 1);

    private float Checked(float pixel) => pixel is >= 0 and <= 1 ? pixel
        : throw new ArgumentException($"{this}: expected pixels in 0 … 1, but found {pixel}. Describe pictures before they are normalised.", nameof(pixel));
}
