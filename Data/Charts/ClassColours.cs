namespace Gradwright.Data;

/// <summary>A colour for each class: those of charts as long as they last, else hues all round, lighter and darker in turn.</summary>
internal sealed class ClassColours
{
    private readonly OkLab[] _colours;

    public ClassColours(int classes)
    {
        ChartColours charts = new(ChartStyle.File);
        _colours = [.. Enumerable.Range(0, classes).Select(i => classes <= ChartColours.SeriesCount ? Parse(charts.Series(i)) : OkLab.Of(i % 2 == 0 ? 0.58 : 0.74, 0.15, 25 + 360.0 * i / classes))];
    }

    /// <summary>The colour of a class, the nearer to white the less strength it has.</summary>
    /// <param name="class">The class.</param>
    /// <param name="strength">0 is white, 1 the colour itself.</param>
    public (byte Red, byte Green, byte Blue) Of(int @class, double strength = 1) => new OkLab(1, 0, 0).Towards(_colours[@class], strength).ToRgb();

    /// <summary>The same as it stands in attributes.</summary>
    public string Hex(int @class, double strength = 1)
    {
        (byte red, byte green, byte blue) = Of(@class, strength);
        return $"#{red:x2}{green:x2}{blue:x2}";
    }

    private static OkLab Parse(string hex)
    {
        byte[] rgb = Convert.FromHexString(hex.Length == 4 ? $"{hex[1]}{hex[1]}{hex[2]}{hex[2]}{hex[3]}{hex[3]}" : hex[1..]);
        return OkLab.FromRgb(rgb[0], rgb[1], rgb[2]);
    }
}
