namespace Gradwright.Data;

/// <summary>
/// Colours for numbers. The coloured maps are drawn in Oklab (Ottosson 2020) along a few chosen points and cut into pieces of equal length, so that equal differences of numbers look
/// equally large; lightness rises all the way (or, diverging, to the middle), so they are right in gray and for colour-blind readers too.
/// </summary>
public sealed class ColourMap
{
    private const int Levels = 257, Fine = 2048;        // an odd number: there is a middle

    private readonly (byte Red, byte Green, byte Blue)[] _colours;

    private ColourMap(string name, bool isDiverging, (byte, byte, byte)[] colours) => (Name, IsDiverging, _colours) = (name, isDiverging, colours);

    // A way through the colours, in one leg or, around zero, in two.
    private ColourMap(string name, params Func<double, OkLab>[] legs) : this(name, legs.Length == 2,
        [.. legs.SelectMany((leg, i) => EquallyLong(leg, (Levels - 1) / legs.Length).Skip(i == 0 ? 0 : 1)).Select(colour => colour.ToRgb())])
    {
    }

    /// <summary>Black to white in even steps of a screen's gray, as pictures have them.</summary>
    public static ColourMap Gray { get; } = new("gray", false,
        [.. Enumerable.Range(0, Levels).Select(i => (byte)Math.Round(255.0 * i / (Levels - 1))).Select(gray => (gray, gray, gray))]);

    /// <summary>Nearly black over violet, red and orange to light yellow: for numbers from little to much.</summary>
    public static ColourMap Ember { get; } = new("ember", Through((0.14, 0.04, 280), (0.34, 0.16, 298), (0.54, 0.21, 358), (0.75, 0.17, 45), (0.96, 0.10, 105)));

    /// <summary>Blue over nearly white to red: for numbers around zero, which is the middle.</summary>
    public static ColourMap Diverging { get; } = new("diverging",
        Through((0.38, 0.17, 262), (0.68, 0.12, 250), (0.97, 0, 250)), Through((0.97, 0, 30), (0.68, 0.13, 30), (0.38, 0.17, 27)));

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Whether the middle stands for zero.</summary>
    public bool IsDiverging { get; }

    /// <summary>The colour of a number from 0 to 1; what is below or above gets the first or last, NaN middle gray.</summary>
    public (byte Red, byte Green, byte Blue) this[double t] => double.IsNaN(t) ? ((byte)128, (byte)128, (byte)128) : _colours[(int)Math.Round(Math.Clamp(t, 0, 1) * (Levels - 1))];

    /// <summary>All colours side by side, as a legend.</summary>
    /// <exception cref="ArgumentException">A size is not positive.</exception>
    public Picture ToPicture(int width = 256, int height = 16)
    {
        Picture picture = new(width, height, 3);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) Put(picture[x, y], this[width == 1 ? 0.5 : x / (width - 1.0)]);
        return picture;
    }

    public override string ToString() => $"ColourMap({Name})";

    internal static void Put(Span<byte> pixel, (byte Red, byte Green, byte Blue) colour) => (pixel[0], pixel[1], pixel[2]) = colour;

    // Lightness, chroma and hue from point to point, at equal distances of t.
    private static Func<double, OkLab> Through(params (double Lightness, double Chroma, double Hue)[] points) => t =>
    {
        double at = t * (points.Length - 1);
        int i = Math.Min((int)at, points.Length - 2);
        double share = at - i, turn = points[i + 1].Hue - points[i].Hue;
        if (Math.Abs(turn) > 180) turn -= 360 * Math.Sign(turn);
        return OkLab.Of(points[i].Lightness + share * (points[i + 1].Lightness - points[i].Lightness), points[i].Chroma + share * (points[i + 1].Chroma - points[i].Chroma),
            points[i].Hue + share * turn);
    };

    // Steps that look equally large, and the colours between them.
    private static OkLab[] EquallyLong(Func<double, OkLab> path, int steps)
    {
        OkLab[] points = [.. Enumerable.Range(0, Fine + 1).Select(i => path(i / (double)Fine))];
        double[] lengths = new double[points.Length];       // from the first point
        for (int i = 1; i < points.Length; i++) lengths[i] = lengths[i - 1] + OkLab.Distance(points[i - 1], points[i]);
        OkLab[] colours = new OkLab[steps + 1];
        for (int level = 0, i = 0; level <= steps; level++)
        {
            double wanted = lengths[^1] * level / steps;
            while (i < Fine - 1 && lengths[i + 1] < wanted) i++;
            colours[level] = points[i].Towards(points[i + 1], Math.Clamp((wanted - lengths[i]) / (lengths[i + 1] - lengths[i]), 0, 1));
        }

        return colours;
    }
}
