using System.Net;
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
    private const string Fonts = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";
    private const int Width = 760, PanelHeight = 230, Left = 68, Right = 24, Top = 74, Bottom = 54, Gap = 52;
    private const int MostPoints = 1000;   // per series; more would not be seen and only make the file large
    private const int DensePoints = 300;   // from so many points on the line is thin
    private const int MarkedPoints = 24;   // up to so many points get a dot each

    // Okabe and Ito's colours, which colour-blind readers can tell apart; the strongest first.
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#333333"];

    private readonly List<ChartPanel> _panels = [];

    public IReadOnlyList<ChartPanel> Panels => _panels;

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
    public string ToSvg()
    {
        int height = Top + _panels.Count * (PanelHeight + Gap) - Gap + Bottom;
        var svg = new StringBuilder();
        Append(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" ");
        Append(svg, $"font-family=\"{Fonts}\" font-size=\"12\" fill=\"#555\">\n<rect width=\"{Width}\" height=\"{height}\" fill=\"#fff\"/>\n");
        Text(svg, Left, 26, title, "font-size=\"16\" font-weight=\"600\" fill=\"#222\"");
        double[] all = [.. _panels.SelectMany(p => p.Series).SelectMany(s => s.Points).Select(point => point.X).Where(double.IsFinite)];
        var x = ChartAxis.Horizontal(all, Left, Width - Right, mostTicks: 10);
        for (int i = 0; i < _panels.Count; i++) Draw(svg, _panels[i], x, Top + i * (PanelHeight + Gap), last: i == _panels.Count - 1);
        return svg.Append("</svg>\n").ToString();
    }

    private void Draw(StringBuilder svg, ChartPanel panel, ChartAxis x, int top, bool last)
    {
        int bottom = top + PanelHeight;
        double[] values = [.. panel.Series.SelectMany(s => s.Points).Where(p => double.IsFinite(p.X)).Select(p => p.Y)
            .Where(v => double.IsFinite(v) && (!panel.Logarithmic || v > 0))];
        var y = ChartAxis.Vertical(values, panel.Logarithmic, bottom, top, mostTicks: 6);
        foreach (double tick in y.Ticks)
        {
            Path(svg, $"M{Left} {y.Pixel(tick):0.#}H{Width - Right}", "stroke=\"#e8e8e8\"");
            Text(svg, Left - 8, y.Pixel(tick) + 4, y.Label(tick), "text-anchor=\"end\"");
        }
        foreach (double tick in x.Ticks)
        {
            Path(svg, $"M{x.Pixel(tick):0.#} {bottom}v5", "stroke=\"#999\"");
            Text(svg, x.Pixel(tick), bottom + 19, x.Label(tick), "text-anchor=\"middle\"");
        }
        Path(svg, $"M{Left} {bottom}H{Width - Right}", "stroke=\"#999\"");
        Text(svg, Left, top - 10, panel.Title, "font-size=\"13\" font-weight=\"600\" fill=\"#333\"");
        if (last) Text(svg, (Left + Width - Right) / 2, bottom + 42, xTitle, "text-anchor=\"middle\" fill=\"#333\"");
        foreach (ChartSeries series in panel.Series) DrawLine(svg, series, x, y);
        DrawLegend(svg, panel, top - 14);
    }

    private void DrawLine(StringBuilder svg, ChartSeries series, ChartAxis x, ChartAxis y)
    {
        string colour = Colour(series.Name), width = series.Points.Count > DensePoints ? "1.2" : "2";
        var line = new StringBuilder();
        bool pen = false;
        foreach ((double px, double py) in Thinned(series.Points))
        {
            bool shown = double.IsFinite(px) && y.Shows(py);
            if (shown) Append(line, $"{(pen ? 'L' : 'M')}{x.Pixel(px):0.##} {y.Pixel(py):0.##}");
            pen = shown;
        }
        Path(svg, $"{line}",
            $"fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{Dashes(series)}");
        if (series.Points.Count > MarkedPoints) return;
        foreach ((double px, double py) in series.Points)
            if (double.IsFinite(px) && y.Shows(py))
                Append(svg, $"<circle cx=\"{x.Pixel(px):0.##}\" cy=\"{y.Pixel(py):0.##}\" r=\"3\" fill=\"{colour}\" stroke=\"#fff\"/>\n");
    }

    // Right-aligned above the axes; text is about 6.6 pixels wide per character.
    private void DrawLegend(StringBuilder svg, ChartPanel panel, int middle)
    {
        double right = Width - Right;
        foreach (ChartSeries series in panel.Series.Reverse())
        {
            double left = right - 6.6 * series.Name.Length - 26;
            Path(svg, $"M{left:0.#} {middle}h18", $"stroke=\"{Colour(series.Name)}\" stroke-width=\"2.5\" stroke-linecap=\"round\"{Dashes(series)}");
            Text(svg, left + 24, middle + 4, series.Name, "");
            right = left - 16;
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

    private string Colour(string name) =>
        Colours[_panels.SelectMany(p => p.Series).Select(s => s.Name).Distinct().TakeWhile(n => n != name).Count() % Colours.Length];

    private static string Dashes(ChartSeries series) => series.Dashed ? " stroke-dasharray=\"6 5\"" : "";

    private static void Append(StringBuilder svg, FormattableString text) => svg.Append(FormattableString.Invariant(text));

    private static void Path(StringBuilder svg, FormattableString d, string style) =>
        Append(svg, $"<path d=\"{FormattableString.Invariant(d)}\" {style}/>\n");

    private static void Text(StringBuilder svg, double x, double y, string text, string style) =>
        Append(svg, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" {style}>{Escape(text)}</text>\n");

    private static string Escape(string text) => WebUtility.HtmlEncode(string.Concat(text.Where(c => !char.IsControl(c))));
}
