using System.Text;
using Gradwright.Data;
using Gradwright.Layers;

namespace Gradwright.Examples.Digits;

/// <summary>What to look at after a training.</summary>
internal static class DigitPictures
{
    private const int Samples = 64, SampleColumns = 16;
    private const string Shades = " .:-=+*#%@";

    /// <summary>Test images, wrongly read ones first.</summary>
    public static Picture SamplesOf(LabeledImages images, DigitScores scores)
    {
        int[] order = [.. Enumerable.Range(0, images.Count).OrderBy(scores.IsRight).Take(Samples)];
        byte[] pixels = [.. order.SelectMany(i => images[i].ToArray())];
        return ImageGrid.Tile(pixels, images.Channels, images.Height, images.Width, SampleColumns);
    }

    /// <summary>The first layer's filters; gray is zero.</summary>
    public static Picture FiltersOf(Sequential network) => ImageGrid.TileFilters(DigitNetwork.FirstFilters(network), columns: 8, scale: 16, border: 6);

    /// <summary>Some images as text, side by side, with what the network reads.</summary>
    public static string AsText(LabeledImages images, DigitScores scores, IReadOnlyList<int> which)
    {
        StringBuilder text = new();
        for (int y = 0; y < images.Height; y += 2)      // a character is about twice as high as wide
        {
            foreach (int i in which)
            {
                for (int x = 0; x < images.Width; x++) text.Append(Shade(images[i], y * images.Width + x, images.Width));
                text.Append("  ");
            }

            TrimEnd(text).AppendLine();
        }

        foreach (int i in which)
            text.Append($"{$"label {scores.Label(i)}, read as {scores.Prediction(i)} ({100 * scores.Confidence(i):0.0} %)",-DigitNetwork.Side}  ");
        return TrimEnd(text).ToString();
    }

    private static char Shade(ReadOnlySpan<byte> image, int at, int width)
    {
        int ink = (image[at] + (at + width < image.Length ? image[at + width] : 0)) / 2;
        return Shades[ink * (Shades.Length - 1) / byte.MaxValue];
    }

    private static StringBuilder TrimEnd(StringBuilder text)
    {
        while (text.Length > 0 && text[^1] == ' ') text.Length--;
        return text;
    }
}
