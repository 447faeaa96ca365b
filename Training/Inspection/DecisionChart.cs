using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>A <see cref="DecisionMap"/> as an SVG picture.</summary>
internal sealed class DecisionChart(DecisionMap map, ChartStyle style)
{
    private const int Plot = 460, Left = 62, TitleHeight = 36, Top = 16, Bottom = 56, Right = 24, LegendRow = 20, MostLarge = 300, MostTicks = 6;
    private const double LetterWidth = 6.6;

    private readonly ChartColours _colours = new(style);

    public override string ToString()
    {
        string[] names = [.. Enumerable.Range(0, map.ClassCount).Select(map.NameOf)];
        double top = map.Title.Length > 0 ? TitleHeight : Top, legend = Left + Plot + 20;
        double width = Math.Max(legend + 18 + LetterWidth * names.Max(name => name.Length) + Right, Left + 1.4 * LetterWidth * map.Title.Length);
        SvgBuilder svg = new(width, top + Math.Max(Plot, names.Length * LegendRow) + Bottom, _colours, _colours.IsPage ? $"{map.Title}: regions of {names.Length} classes" : null);
        if (map.Title.Length > 0) svg.Text(Left, 24, map.Title, $"font-size=\"16\" font-weight=\"600\" fill=\"{_colours.Strong}\"");
        svg.Image(Left, top, Plot, Plot, map.ToPicture());
        DrawAxes(svg, top);
        DrawSamples(svg, top);
        for (int i = 0; i < names.Length; i++)
        {
            svg.Circle(legend, top + 10 + i * LegendRow, 5, $"fill=\"{map.Colours.Hex(i)}\"");
            svg.Text(legend + 12, top + 14 + i * LegendRow, names[i]);
        }

        return svg.ToString();
    }

    private static double Across(double x, (double From, double To) range) => Left + (x - range.From) / (range.To - range.From) * Plot;

    private void DrawAxes(SvgBuilder svg, double top)
    {
        double bottom = top + Plot;
        ChartAxis x = ChartAxis.Horizontal([map.X.From, map.X.To], Left, Left + Plot, MostTicks), y = ChartAxis.Horizontal([map.Y.From, map.Y.To], bottom, top, MostTicks);
        foreach (double tick in x.Ticks)
        {
            svg.Path($"M{x.Pixel(tick):0.#} {bottom}v5", $"stroke=\"{_colours.Axis}\"");
            svg.Text(x.Pixel(tick), bottom + 19, x.Label(tick), "text-anchor=\"middle\"");
        }

        foreach (double tick in y.Ticks)
        {
            svg.Path($"M{Left} {y.Pixel(tick):0.#}h-5", $"stroke=\"{_colours.Axis}\"");
            svg.Text(Left - 9, y.Pixel(tick) + 4, y.Label(tick), "text-anchor=\"end\"");
        }

        svg.Path($"M{Left} {top}v{Plot}h{Plot}v{-Plot}z", $"fill=\"none\" stroke=\"{_colours.Axis}\"");
        svg.Text(Left + Plot / 2.0, bottom + 42, map.Plane.XName, $"text-anchor=\"middle\" fill=\"{_colours.Strong}\"");
        svg.Text(0, 0, map.Plane.YName, SvgBuilder.Invariant($"text-anchor=\"middle\" fill=\"{_colours.Strong}\" transform=\"translate(16 {top + Plot / 2.0:0.#}) rotate(-90)\""));
    }

    private void DrawSamples(SvgBuilder svg, double top)
    {
        double radius = map.Samples.Count <= MostLarge ? 3.6 : 2.4;
        for (int i = 0; i < map.Samples.Count; i++)
        {
            (double x, double y) = map.Samples[i];
            if (!double.IsFinite(x) || !double.IsFinite(y)) continue;
            svg.Circle(Across(x, map.X), top + Plot - (Across(y, map.Y) - Left), radius, $"class=\"sample\" fill=\"{map.Colours.Hex((int)map.Labels[i])}\" stroke=\"#fff\" stroke-width=\"1\"");
        }
    }
}
