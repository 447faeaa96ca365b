using System.Globalization;

namespace Gradwright.Data;

/// <summary>A range of values laid on a stretch of pixels, with round numbers to mark it.</summary>
internal sealed class ChartAxis
{
    private const double Tolerance = 1e-9;   // of a step: what rounding may cost

    private readonly bool _logarithmic;
    private readonly double _low, _high, _from, _to;   // the range, as logarithms if logarithmic, and its pixels

    private ChartAxis(bool logarithmic, double low, double high, double from, double to, IReadOnlyList<double> ticks) =>
        (_logarithmic, _low, _high, _from, _to, Ticks) = (logarithmic, low, high, from, to, ticks);

    /// <summary>Round values inside the range.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>An axis for x, exactly as long as the values reach. Whole numbers, such as epochs, are marked by whole numbers.</summary>
    public static ChartAxis Horizontal(IReadOnlyList<double> values, double from, double to, int mostTicks)
    {
        (double low, double high) = Spread(values, (0, 1));
        double step = RoundStep((high - low) / mostTicks);
        if (values.All(double.IsInteger)) step = Math.Max(step, 1);
        return new ChartAxis(false, low, high, from, to, LinearTicks(low, high, step));
    }

    /// <summary>An axis for y with some room: a linear one ends at the next round numbers.</summary>
    public static ChartAxis Vertical(IReadOnlyList<double> values, bool logarithmic, double from, double to, int mostTicks)
    {
        if (logarithmic) return Logarithmic(Spread(values, (0.1, 1)), from, to, mostTicks);
        (double low, double high) = Spread(values, (0, 1));
        double step = RoundStep((high - low) / mostTicks);
        (low, high) = (Math.Floor(low / step + Tolerance) * step, Math.Ceiling(high / step - Tolerance) * step);
        return new ChartAxis(false, low, high, from, to, LinearTicks(low, high, step));
    }

    public bool Shows(double value) => double.IsFinite(value) && (!_logarithmic || value > 0);

    public double Pixel(double value)
    {
        double v = _logarithmic ? Math.Log10(value) : value;
        return _from + (v - _low) / (_high - _low) * (_to - _from);
    }

    /// <summary>The value as short as can be, all ticks with equally many decimals.</summary>
    public string Label(double tick)
    {
        double magnitude = _logarithmic ? tick : Ticks.Max(Math.Abs);
        if (magnitude >= 1e6 || magnitude < 1e-4) return tick == 0 ? "0" : tick.ToString("0.##e0", CultureInfo.InvariantCulture);
        if (_logarithmic) return tick.ToString("#,0.#######", CultureInfo.InvariantCulture);
        int decimals = 0;
        while (decimals < 10 && Ticks.Any(t => Math.Abs(t - Math.Round(t, decimals)) > 1e-9 * magnitude)) decimals++;
        return tick.ToString("N" + decimals, CultureInfo.InvariantCulture);
    }

    // From the least to the greatest; around a single value there is room on both sides.
    private static (double Low, double High) Spread(IReadOnlyList<double> values, (double, double) ifEmpty)
    {
        if (values.Count == 0) return ifEmpty;
        (double low, double high) = (values.Min(), values.Max());
        if (high - low > 1e-12 * Math.Max(Math.Abs(low), Math.Abs(high))) return (low, high);
        double room = low == 0 ? 1 : Math.Abs(low) / 10;
        return (low - room, high + room);
    }

    private static List<double> LinearTicks(double low, double high, double step)
    {
        var ticks = new List<double>();
        double first = Math.Ceiling(low / step - Tolerance);
        for (double k = first; k * step <= high + Tolerance * step; k++) ticks.Add(k * step + 0.0);   // + 0.0 turns −0 into 0
        return ticks;
    }

    // 1, 2 and 5 of every power of ten; powers only where those would be too many, and round steps where they would be too few.
    private static ChartAxis Logarithmic((double Low, double High) range, double from, double to, int mostTicks)
    {
        double a = Math.Log10(range.Low), b = Math.Log10(range.High);
        double room = 0.04 * (b - a);
        (a, b) = (a - room, b + room);
        int every = (int)Math.Max(1, Math.Ceiling((b - a) / mostTicks));
        double[] mantissas = (b - a) * 3 <= mostTicks + 1 ? [1, 2, 5] : [1];
        var ticks = new List<double>();
        for (int power = (int)Math.Floor(a); power <= b; power++)
        {
            if (power % every != 0) continue;
            foreach (double mantissa in mantissas)
            {
                double tick = mantissa * Math.Pow(10, power), at = Math.Log10(tick);
                if (at >= a && at <= b) ticks.Add(tick);
            }
        }
        if (ticks.Count < 3)
        {
            (double low, double high) = (Math.Pow(10, a), Math.Pow(10, b));
            ticks = LinearTicks(low, high, RoundStep((high - low) / mostTicks));
        }
        return new ChartAxis(true, a, b, from, to, ticks);
    }

    // The least of 1, 2, 2.5 or 5 times a power of ten that is not below the wish.
    private static double RoundStep(double wish)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(wish)));
        foreach (double factor in (ReadOnlySpan<double>)[1, 2, 2.5, 5])
            if (factor * power >= wish * (1 - 1e-9)) return factor * power;
        return 10 * power;
    }
}
