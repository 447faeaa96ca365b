using System.Globalization;
using System.Xml.Linq;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class LineChartTests
{
    [Test]
    public void A_chart_is_well_formed_and_names_what_it_shows()
    {
        var chart = new LineChart("Loss & <more>\u0001", "epoch");
        chart.AddPanel("loss", logarithmic: true).Add("train \"a\"", [1, 0.1, 0.02]).Add("validation", [0.9, 0.2, 0.1], dashed: true);
        chart.AddPanel("accuracy").Add("validation", [0.5, 0.8, 0.9]);
        Assert.That(Texts(chart), Is.SupersetOf(new[] { "Loss & <more>", "epoch", "loss", "accuracy", "train \"a\"", "validation" }));
    }

    [Test]
    public void Ticks_are_round_and_cover_the_values()
    {
        Assert.That(YTicks([0.13, 0.87]), Is.EqualTo(new[] { "0.0", "0.2", "0.4", "0.6", "0.8", "1.0" }));
        Assert.That(YTicks([-1200, 3400]), Is.EqualTo(new[] { "-2,000", "-1,000", "0", "1,000", "2,000", "3,000", "4,000" }));
        Assert.That(YTicks([5, 5]), Is.EqualTo(new[] { "4.4", "4.6", "4.8", "5.0", "5.2", "5.4", "5.6" }));
        Assert.That(YTicks([1e-9, 4e-9]), Is.EqualTo(new[] { "1e-9", "1.5e-9", "2e-9", "2.5e-9", "3e-9", "3.5e-9", "4e-9" }));
        Assert.That(YTicks([0.013, 1.2], logarithmic: true), Is.EqualTo(new[] { "0.02", "0.05", "0.1", "0.2", "0.5", "1" }));
        Assert.That(YTicks([1e-8, 1e4], logarithmic: true), Is.EqualTo(new[] { "1e-6", "0.001", "1", "1,000" }));
        Assert.That(YTicks([]), Is.EqualTo(new[] { "0.0", "0.2", "0.4", "0.6", "0.8", "1.0" }));
    }

    [Test]
    public void Whole_x_get_whole_ticks()
    {
        var chart = new LineChart("", "");
        chart.AddPanel("").Add("a", [3, 2, 1]);
        Assert.That(Labels(chart, "middle").Select(t => t.Value), Is.EqualTo(new[] { "1", "2", "3" }));
    }

    [Test]
    public void A_line_has_gaps_where_values_cannot_be_shown()
    {
        double[] y = [1, double.NaN, 3, 4, double.PositiveInfinity, 2, -1, 5];
        Assert.That(Moves(logarithmic: false), Is.EqualTo(3));
        Assert.That(Moves(logarithmic: true), Is.EqualTo(4), "a logarithm needs y > 0");

        int Moves(bool logarithmic)
        {
            var chart = new LineChart("", "");
            chart.AddPanel("", logarithmic).Add("a", y);
            Assert.That(chart.ToSvg(), Does.Not.Contain("NaN").And.Not.Contain("Infinity").And.Not.Contain("∞"));
            return LinePath(chart).Count(c => c == 'M');
        }
    }

    [Test]
    public void A_point_is_where_the_axes_say()
    {
        var chart = new LineChart("", "");
        chart.AddPanel("").Add("a", [0, 10], [0, 1]);
        XElement[] dots = [.. Elements(chart, "circle")];
        double[] xTicks = Ticks(chart, "middle", "x"), yTicks = Ticks(chart, "end", "y");
        Assert.That(Number(dots[0], "cx"), Is.EqualTo(xTicks[0]));
        Assert.That(Number(dots[1], "cx"), Is.EqualTo(xTicks[^1]));
        Assert.That(Number(dots[0], "cy"), Is.EqualTo(yTicks[0] - 4));   // labels hang 4 pixels below their line
        Assert.That(Number(dots[1], "cy"), Is.EqualTo(yTicks[^1] - 4));

        static double[] Ticks(LineChart chart, string anchor, string coordinate) =>
            [.. Labels(chart, anchor).Select(t => Number(t, coordinate))];
    }

    [Test]
    public void A_long_series_is_thinned_but_keeps_its_peaks()
    {
        var y = new double[100_000];
        y[54_321] = 7;
        var chart = new LineChart("", "");
        chart.AddPanel("").Add("spike", y);
        Assert.That(chart.ToSvg(), Has.Length.LessThan(40_000));
        string[] heights = [.. LinePath(chart).Split('M', 'L').Skip(1).Select(point => point.Split(' ')[1])];
        Assert.That(heights.Distinct().Count(), Is.EqualTo(2));
    }

    [Test]
    public void A_series_keeps_its_colour_in_all_panels()
    {
        var chart = new LineChart("", "");
        chart.AddPanel("").Add("a", [1, 2]).Add("b", [2, 3]);
        chart.AddPanel("").Add("b", [1, 2]);
        string?[] colours = [.. Lines(chart).Select(p => (string?)p.Attribute("stroke"))];
        Assert.That(colours, Has.Length.EqualTo(3));
        Assert.That(colours[2], Is.EqualTo(colours[1]).And.Not.EqualTo(colours[0]));
    }

    [Test]
    public void Many_long_names_wrap_below_the_title()
    {
        var chart = new LineChart("", "") { Width = 500 };
        ChartPanel panel = chart.AddPanel("a panel with a title");
        for (int i = 0; i < 6; i++) panel.Add($"the name of series {i}", [1, 2]);
        XElement[] names = [.. Elements(chart, "text").Where(t => t.Value.StartsWith("the name", StringComparison.Ordinal))];
        Assert.That(names.Select(name => Number(name, "x")), Is.All.GreaterThan(60));
        Assert.That(names.Select(name => Number(name, "y")).Distinct().Count(), Is.EqualTo(3), "two in a row");
        XElement title = Elements(chart, "text").Single(t => t.Value == "a panel with a title");
        Assert.That(names.Select(name => Number(name, "y")), Is.All.GreaterThan(Number(title, "y")));
    }

    [Test]
    public void In_a_page_colours_are_the_pages_and_every_x_tells_its_values()
    {
        var chart = new LineChart("", "epoch");
        chart.AddPanel("loss").Add("training", [3, 2.5, double.NaN]).Add("validation", [4, 3, 2]).Mark(2.75, "good");
        XElement[] stops = [.. XDocument.Parse(chart.ToSvg(ChartStyle.Page)).Root!.Elements().Where(e => (string?)e.Attribute("class") == "stop")];
        Assert.That(stops.Select(stop => stop.Value), Is.EqualTo(new[] { "epoch 1\ntraining: 3\nvalidation: 4", "epoch 2\ntraining: 2.5\nvalidation: 3", "epoch 3\ntraining: NaN\nvalidation: 2" }));
        Assert.That(chart.ToSvg(ChartStyle.Page), Does.Contain("var(--chart-1, #0072b2)").And.Contain(">good<"));
        Assert.That(chart.ToSvg(), Does.Not.Contain("var(").And.Not.Contain("stop"));
        chart.AddPanel("").Add("long", new double[5000]);
        Assert.That(chart.ToSvg(ChartStyle.Page).Split("class=\"stop\"").Length - 1, Is.LessThanOrEqualTo(3 + 100));
    }

    [Test]
    public void A_histogram_has_a_bar_for_each_bucket_that_holds_something()
    {
        string svg = new HistogramChart(TensorHistogram.Of<double>([-1, -1, 0.1, 1], 4)).ToSvg();
        XElement[] bars = [.. XDocument.Parse(svg).Root!.Elements().Where(e => (string?)e.Attribute("class") == "bar")];
        Assert.That(bars.Select(bar => bar.Value), Is.EqualTo(new[] { "-1 to -0.5: 2", "0 to 0.5: 1", "0.5 to 1: 1" }));
        Assert.That(Number(bars[0], "height") / Number(bars[1], "height"), Is.EqualTo(Math.Sqrt(2)).Within(1e-3), "roots of counts");
        Assert.That(new HistogramChart(TensorHistogram.Of<double>([double.NaN])).ToSvg(), Does.Contain("no finite numbers"));
    }

    [Test]
    public void A_saved_chart_is_its_text()
    {
        using var folder = new TemporaryFolder();
        var chart = new LineChart("Größe", "x");
        chart.AddPanel("").Add("a", [1, 2]);
        chart.Save(folder["chart.svg"]);
        Assert.That(File.ReadAllText(folder["chart.svg"]), Is.EqualTo(chart.ToSvg()));
    }

    [Test]
    public void Points_come_in_pairs() => Assert.That(() => new ChartSeries("loss", [1, 2], [1]),
        Throws.ArgumentException.With.Message.Contains("2 x and 1 y"));

    private static string[] YTicks(double[] y, bool logarithmic = false)
    {
        var chart = new LineChart("", "");
        chart.AddPanel("", logarithmic).Add("a", y);
        return [.. Labels(chart, "end").Select(t => t.Value)];
    }

    private static IEnumerable<string> Texts(LineChart chart) => Elements(chart, "text").Select(t => t.Value);

    private static IEnumerable<XElement> Labels(LineChart chart, string anchor) =>
        Elements(chart, "text").Where(t => (string?)t.Attribute("text-anchor") == anchor && t.Value.Length > 0);

    private static IEnumerable<XElement> Lines(LineChart chart) => Elements(chart, "path").Where(p => (string?)p.Attribute("fill") == "none");

    private static string LinePath(LineChart chart) => (string)Lines(chart).Single().Attribute("d")!;

    private static IEnumerable<XElement> Elements(LineChart chart, string name) =>
        XDocument.Parse(chart.ToSvg()).Root!.Elements().Where(e => e.Name.LocalName == name);

    private static double Number(XElement element, string attribute) =>
        double.Parse((string)element.Attribute(attribute)!, CultureInfo.InvariantCulture);
}
