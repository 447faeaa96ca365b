using System.Globalization;

namespace Gradwright.Bench;

/// <summary>A way to run a case, over all rounds.</summary>
/// <param name="Variant">The way's name, "" for the plain one.</param>
/// <param name="Fastest">Seconds of the fastest call.</param>
/// <param name="Median">Seconds: the median of the rounds' medians.</param>
internal sealed record Timing(string Variant, double Fastest, double Median)
{
    /// <summary>Milliseconds: best (median), and the variant.</summary>
    public override string ToString() => $"{Milliseconds(Fastest)} ({Milliseconds(Median)}){(Variant == "" ? "" : " " + Variant)}";

    private static string Milliseconds(double seconds)
    {
        double ms = 1e3 * seconds;
        return ms.ToString(ms switch { < 0.1 => "F4", < 10 => "F3", < 100 => "F1", _ => "F0" }, CultureInfo.InvariantCulture);
    }
}
