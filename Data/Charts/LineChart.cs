using System.Text;

namespace Gradwright.Data;

/// <summary>
/// Curves as a self-contained SVG picture: one or more panels above one another that share the x axis, such as loss above accuracy.
/// <code>
/// var chart = new LineChart("Training", "epoch");
/// chart.AddPanel("loss", logarithmic: true).Add("train", trainLoss).Add("validation", validationLoss);
/// chart.AddPanel("accuracy").Add("validation", accuracy);
/// chart.Save("curves.svg");
/// </code>
/// A series keeps its colour in all panels, by its name.
/// </summary>
public sealed class LineChart(string title, string xTitle = "")
{
    private const int PanelHeight = 230, Left = 68, Right = 24, TitleHeight = 34, LegendHeight = 40, LegendRow = 18, LegendSpace = 16, Bottom = 54, Gap = 52;
    private const double LetterWidth = 6.6;
    private const int MostPoints = 1000;   // per series; more would not be seen and only make the file large
    private const int DensePoints = 300;   // from so many points on the line is thin
    private const int MarkedPoints = 24;   // up to so many points get a dot each
    private const int MostStops = 100;     // places along x whose values show when they are pointed at

    private readonly List<ChartPanel> _panels = [];

    public IReadOnlyList<ChartPanel> Panels => _panels;

    /// <summary>In pixels.</summary>
    public int Width { get; init; } = 760;

    /// <summary>Adds a pair of axes below those there are.</summary>
    public ChartPanel AddPanel(string title, bool logarithmic = false)
    {
        var panel = new ChartPanel(title, logarithmic);
        _panels.Add(panel);
        return panel;
    }

    /// <summary>Writes the picture, which appears whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(ToSvg())));

    /// <summary>The picture's text.</summary>
    public string ToSvg(ChartStyle style = ChartStyle.File)
    {
        ChartColours colours = new(style);
        List<ChartSeries[]>[] legends = [.. _panels.Select(Legend)];
        double[] tops = new double[_panels.Count];
        double height = title.Length > 0 ? TitleHeight : 0;
        for (int i = 0; i < tops.Length; i++)
        {
            tops[i] = height += (i == 0 ? LegendHeight : Gap) + LegendRow * (legends[i].Count - 1);
            height += PanelHeight;
        }
        SvgBuilder svg = new(Width, height + Bottom, colours, colours.IsPage ? string.Join(", ", _panels.Select(panel => $"{panel.Title} by {xTitle}")) : null);
        if (title.Length > 0) svg.Text(Left, 26, title, $"font-size=\"16\" font-weight=\"600\" fill=\"{colours.Strong}\"");
        double[] all = [.. _panels.SelectMany(p => p.Series).SelectMany(s => s.Points).Select(point => point.X).Where(double.IsFinite)];
        var x = ChartAxis.Horizontal(all, Left, Width - Right, mostTicks: Width / 76);
        for (int i = 0; i < _panels.Count; i++) Draw(svg, colours, _panels[i], legends[i], x, tops[i], last: i == _panels.Count - 1);
        return svg.ToString();
    }

    private void Draw(SvgBuilder svg, ChartColours colours, ChartPanel panel, List<ChartSeries[]> legend, ChartAxis x, double top, bool last)
    {
        double bottom = top + PanelHeight;
        double[] values = [.. panel.Series.SelectMany(s => s.Points).Where(p => double.IsFinite(p.X)).Select(p => p.Y).Concat(panel.Marks.Select(mark => mark.Y))
            .Where(v => double.IsFinite(v) && (!panel.Logarithmic || v > 0))];
        var y = ChartAxis.Vertical(values, panel.Logarithmic, bottom, top, mostTicks: 6);
        foreach (double tick in y.Ticks)
        {
            svg.Path($"M{Left} {y.Pixel(tick):0.#}H{Width - Right}", $"stroke=\"{colours.Grid}\"");
            svg.Text(Left - 8, y.Pixel(tick) + 4, y.Label(tick), "text-anchor=\"end\"");
        }
        foreach (double tick in x.Ticks)
        {
            svg.Path($"M{x.Pixel(tick):0.#} {bottom}v5", $"stroke=\"{colours.Axis}\"");
            svg.Text(x.Pixel(tick), bottom + 19, x.Label(tick), "text-anchor=\"middle\"");
        }
        svg.Path($"M{Left} {bottom}H{Width - Right}", $"stroke=\"{colours.Axis}\"");
        svg.Text(Left, top - 10 - LegendRow * (legend.Count - 1), panel.Title, $"font-size=\"13\" font-weight=\"600\" fill=\"{colours.Strong}\"");
        if (last) svg.Text((Left + Width - Right) / 2, bottom + 42, xTitle, $"text-anchor=\"middle\" fill=\"{colours.Strong}\"");
        foreach ((double at, string name) in panel.Marks.Where(mark => y.Shows(mark.Y)))
        {
            svg.Path($"M{Left} {y.Pixel(at):0.#}H{Width - Right}", $"stroke=\"{colours.Axis}\" stroke-dasharray=\"2 4\"");
            svg.Text(Width - Right, y.Pixel(at) + (y.Pixel(at) < top + 16 ? 13 : -5), name, "text-anchor=\"end\" font-size=\"11\"");
        }
        foreach (ChartSeries series in panel.Series) DrawLine(svg, colours, series, x, y);
        for (int i = 0; i < legend.Count; i++) DrawLegend(svg, colours, legend[i], top - 14 - LegendRow * (legend.Count - 1 - i));
        if (colours.IsPage) DrawStops(svg, panel, x, top);
    }

    private void DrawLine(SvgBuilder svg, ChartColours colours, ChartSeries series, ChartAxis x, ChartAxis y)
    {
        string colour = colours.Series(ColourOf(series.Name)), width = series.Points.Count > DensePoints ? "1.2" : "2";
        var line = new StringBuilder();
        bool pen = false;
        foreach ((double px, double py) in Thinned(series.Points))
        {
            bool shown = double.IsFinite(px) && y.Shows(py);
            if (shown) line.Append(SvgBuilder.Invariant($"{(pen ? 'L' : 'M')}{x.Pixel(px):0.##} {y.Pixel(py):0.##}"));
            pen = shown;
        }
        svg.Path($"{line}", $"fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{Dashes(series)}");
        if (series.Points.Count > MarkedPoints) return;
        foreach ((double px, double py) in series.Points)
            if (double.IsFinite(px) && y.Shows(py)) svg.Circle(x.Pixel(px), y.Pixel(py), 3, $"fill=\"{colour}\" stroke=\"{colours.Back}\"");
    }

    // The names of a panel's series in rows: in one beside its title, or in as many as it takes below. What has no name is left out.
    private List<ChartSeries[]> Legend(ChartPanel panel)
    {
        double room = Width - Left - Right, beside = room - LetterWidth * panel.Title.Length;
        ChartSeries[] named = [.. panel.Series.Where(series => series.Name.Length > 0)];
        if (named.Sum(LegendWidth) <= beside) return [named];
        List<ChartSeries[]> rows = [[]];
        for (int from = 0, count = 0; from < named.Length; from += count)
        {
            double width = LegendWidth(named[from]);
            for (count = 1; from + count < named.Length && (width += LegendWidth(named[from + count])) <= room;) count++;
            rows.Add(named[from..(from + count)]);
        }
        return rows;
    }

    private void DrawLegend(SvgBuilder svg, ChartColours colours, ChartSeries[] row, double middle)
    {
        double right = Width - Right;
        foreach (ChartSeries series in row.Reverse())
        {
            double left = right - LegendWidth(series) + LegendSpace;
            svg.Path($"M{left:0.#} {middle}h18", $"stroke=\"{colours.Series(ColourOf(series.Name))}\" stroke-width=\"2.5\" stroke-linecap=\"round\"{Dashes(series)}");
            svg.Text(left + 24, middle + 4, series.Name);
            right = left - LegendSpace;
        }
    }

    // With the line before the name and the space before the line.
    private static double LegendWidth(ChartSeries series) => LetterWidth * series.Name.Length + 26 + LegendSpace;

    // Invisible strips over the panel, each with the values at an x.
    private void DrawStops(SvgBuilder svg, ChartPanel panel, ChartAxis x, double top)
    {
        ILookup<double, (string Name, double Y)> at = panel.Series.SelectMany(s => s.Points.Where(p => double.IsFinite(p.X)).Select(p => (p.X, s.Name, p.Y)))
            .ToLookup(point => point.X, point => (point.Name, point.Y));
        double[] all = [.. at.Select(group => group.Key).Order()];
        int every = (all.Length + MostStops - 1) / MostStops;
        double[] stops = [.. all.Where((_, i) => (all.Length - 1 - i) % every == 0)];
        for (int i = 0; i < stops.Length; i++)
        {
            double from = i == 0 ? Left : (x.Pixel(stops[i - 1]) + x.Pixel(stops[i])) / 2;
            double to = i == stops.Length - 1 ? Width - Right : (x.Pixel(stops[i]) + x.Pixel(stops[i + 1])) / 2;
            string lines = string.Join('\n', at[stops[i]].Select(point => $"{(point.Name.Length > 0 ? point.Name : panel.Title)}: {SvgBuilder.Number(point.Y)}"));
            svg.Rectangle(from, top, to - from, PanelHeight, "class=\"stop\" fill=\"transparent\"", $"{xTitle} {SvgBuilder.Number(stops[i])}\n{lines}".Trim());
        }
    }

    // Of every stretch of points the least and the greatest, in their order, so that no peak is lost.
    private static IEnumerable<(double X, double Y)> Thinned(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count <= MostPoints) return points;
        int stretch = (int)Math.Ceiling(2.0 * points.Count / MostPoints);
        return points.Chunk(stretch).SelectMany(chunk =>
        {
            int low = 0, high = 0;
            for (int i = 1; i < chunk.Length; i++)
            {
                if (chunk[i].Y < chunk[low].Y) low = i;
                if (chunk[i].Y > chunk[high].Y) high = i;
            }
            return low == high ? [chunk[low]] : ((double, double)[])[chunk[Math.Min(low, high)], chunk[Math.Max(low, high)]];
        });
    }

    private int ColourOf(string name) => _panels.SelectMany(p => p.Series).Select(s => s.Name).Distinct().TakeWhile(n => n != name).Count();

    private static string Dashes(ChartSeries series) => series.Dashed ? " stroke-dasharray=\"6 5\"" : "";
}
