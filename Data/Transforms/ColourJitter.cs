namespace Gradwright.Data;

/// <summary>
/// Changes brightness, contrast, saturation and hue of each picture at random, in random order. For pixels in 0 … 1, so before <see cref="Normalize"/>; results are cut to
/// that range.
/// </summary>
/// <example><code>new ColourJitter { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 }</code></example>
public sealed class ColourJitter : ImageTransform
{
    private const int Kinds = 4;

    /// <summary>b: pixels are multiplied by 1 − b … 1 + b.</summary>
    public double Brightness { get; init => field = InRange(value, 0, 1, nameof(ColourJitter), nameof(Brightness), "the largest change of a factor"); }

    /// <summary>c: distances from the picture's mean luminance are multiplied by 1 − c … 1 + c.</summary>
    public double Contrast { get; init => field = InRange(value, 0, 1, nameof(ColourJitter), nameof(Contrast), "the largest change of a factor"); }

    /// <summary>s: distances from each pixel's luminance are multiplied by 1 − s … 1 + s. For three channels.</summary>
    public double Saturation { get; init => field = InRange(value, 0, 1, nameof(ColourJitter), nameof(Saturation), "the largest change of a factor"); }

    /// <summary>h: hues are turned by −h … h of the whole circle. For three channels.</summary>
    public double Hue { get; init => field = InRange(value, 0, 0.5, nameof(ColourJitter), nameof(Hue), "a share of the circle of hues"); }

    public override ImageShape ResultOf(ImageShape input) => input.Channels == 3 || (input.Channels == 1 && Saturation == 0 && Hue == 0) ? input
        : throw new ShapeException($"{this}: colours are changed in pictures of 3 channels, but these are {input}. {(input.Channels == 1 ? "Gray ones have brightness and contrast only: leave saturation and hue at 0." : "Use a picture's red, green and blue channels.")}");

    public override void Apply(ImageCanvas picture, Generator random)
    {
        Span<byte> order = stackalloc byte[Kinds];
        for (int i = 0; i < order.Length; i++) order[i] = (byte)i;
        random.Shuffle(order);
        foreach (byte kind in order)
            switch (kind)
            {
                case 0:
                    if (Brightness > 0) Colours.Brightness(picture, Factor(random, Brightness));
                    break;
                case 1:
                    if (Contrast > 0) Colours.Contrast(picture, Factor(random, Contrast));
                    break;
                case 2:
                    if (Saturation > 0) Colours.Saturation(picture, Factor(random, Saturation));
                    break;
                default:
                    if (Hue > 0) Colours.Hue(picture, (float)Uniform(random, -Hue, Hue));
                    break;
            }
    }

    public override string ToString() => $"ColourJitter(brightness: {Brightness}, contrast: {Contrast}, saturation: {Saturation}, hue: {Hue})";

    private static float Factor(Generator random, double change) => (float)Uniform(random, 1 - change, 1 + change);
}
