using Gradwright.Data;
using static Gradwright.Training.Html;

namespace Gradwright.Training;

/// <summary>A report as an HTML page: frame, heading and contents. What stands in braces is escaped (<see cref="Html"/>).</summary>
internal sealed partial class ReportPage(TrainingReport report, string? script)
{
    private static readonly Html _style = new(ReadStyle());

    public override string ToString() => Of($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="{Policy}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{report.Title}: {StatusText}</title>
        <style>
        {_style}</style>
        </head>
        <body>
        {Heading()}
        <main>
        {Curves()}
        {Predictions()}
        {Saliency()}
        {Filters()}
        {Spreads()}
        {Model()}
        {Facts()}
        </main>
        {(script is null ? _nothing : Of($"<script src=\"{script}\"></script>"))}
        </body>
        </html>

        """).Markup;

    private string Policy => $"default-src 'none'; img-src data:; style-src 'unsafe-inline'{(script is null ? "" : "; script-src 'self'; connect-src 'self'")}";

    private string StatusText => report.Status.ToString().ToLowerInvariant();

    private long Epoch => report.History.Count;

    private Html Heading() => Of($"""
        <header id="heading">
        <h1>{report.Title} <span class="status {StatusText}">{StatusText}</span></h1>
        <p>epoch {Epoch:N0} of {report.Epochs:N0} · step {report.Step:N0} of {report.Steps:N0} · written {report.Written:yyyy-MM-dd HH:mm:ss} UTC</p>
        <progress value="{Math.Min(report.Step, report.Steps)}" max="{Math.Max(1, report.Steps)}"></progress>
        <div class="tiles">
        {report.Metrics.Select(MetricTile)}
        {Tile("time in complete epochs", Time(report.History.Sum(epoch => epoch.Seconds)), Epoch == 0 ? "" : $"{report.History[^1].Seconds:0.0} s in the last")}
        {Tile("parameters", $"{report.Layers.Sum(layer => layer.Parameters):N0}", $"in {report.Layers.Count} layers")}
        </div>
        </header>
        """);

    private Html MetricTile(ReportMetric metric, int i)
    {
        double[] values = [.. report.History.Select(epoch => Judged(epoch)[i])];
        if (values.Length == 0) return Tile(metric.Name, "–", "no epoch yet");
        double best = metric.HigherIsBetter ? values.Max() : values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Min();
        string data = report.History[^1].Validation.Count > 0 ? "validation" : "training";
        return Tile($"{data} {metric.Name}", Number(values[^1]), $"best {Number(best)} in epoch {Array.IndexOf(values, best) + 1}");
    }

    private static IReadOnlyList<double> Judged(EpochRecord epoch) => epoch.Validation.Count > 0 ? epoch.Validation : epoch.Training;

    private static Html Tile(string name, string value, string note) => Of($"<div class=\"tile\"><span>{name}</span><strong>{value}</strong><small>{note}</small></div>");

    private Html Curves()
    {
        double[] epochs = [.. report.History.Select(epoch => (double)epoch.Epoch)];
        IEnumerable<LineChart> byEpoch = epochs.Length == 0 ? [] : report.Metrics.Select((metric, i) =>
        {
            LineChart chart = NewChart("epoch");
            ChartPanel panel = chart.AddPanel(metric.Name, logarithmic: i == 0).Add("training", epochs, Column(epoch => epoch.Training, i), dashed: true);
            if (report.History.Any(epoch => epoch.Validation.Count > 0)) panel.Add("validation", epochs, Column(epoch => epoch.Validation, i));
            return chart;
        });
        IEnumerable<LineChart> byStep = new[]
        {
            ByStep("batch loss", [report.Loss], isLogarithmic: true),
            ByStep("learning rate", [report.LearningRate]),
            ByStep("update / weight", report.UpdateRatios, isLogarithmic: true, mark: (1e-3, "1/1000")),
            ByStep("norm of the gradients, after clipping", [report.GradientNorm], isLogarithmic: true),
        }.Where(chart => chart.Panels[0].Series.Count > 0);
        return Section("curves", "Curves", Of($"<div class=\"charts\">{byEpoch.Concat(byStep).Select(Figure)}</div>"));
    }

    private static LineChart ByStep(string title, IReadOnlyList<StepCurve> curves, bool isLogarithmic = false, (double Y, string Name)? mark = null)
    {
        LineChart chart = NewChart("step");
        ChartPanel panel = chart.AddPanel(title, isLogarithmic);
        foreach (StepCurve curve in curves.Where(curve => curve.Steps.Count > 0)) panel.Add(curves.Count == 1 ? "" : curve.Name, [.. curve.Steps], [.. curve.Values]);
        if (mark is { } level && panel.Series.Count > 0) panel.Mark(level.Y, level.Name);
        return chart;
    }

    private double[] Column(Func<EpochRecord, IReadOnlyList<double>> values, int i)
        => [.. report.History.Select(epoch => i < values(epoch).Count ? values(epoch)[i] : double.NaN)];

    private static LineChart NewChart(string xTitle) => new("", xTitle) { Width = 560 };

    private static Html Figure(LineChart chart) => Of($"<figure>{new Html(chart.ToSvg(ChartStyle.Page))}</figure>");

    private static Html Section(string id, string title, Html content) => Of($"""
        <section id="{id}">
        <h2>{title}</h2>
        {content}
        </section>
        """);

    private static string Number(double value) => value.ToString("G4", System.Globalization.CultureInfo.InvariantCulture);

    private static string Time(double seconds) => seconds < 120 ? $"{seconds:0.0} s" : seconds < 7200 ? $"{seconds / 60:0.0} min" : $"{seconds / 3600:0.0} h";

    private static string ReadStyle()
    {
        Stream file = typeof(ReportPage).Assembly.GetManifestResourceStream("report.css") ?? throw new InvalidOperationException("The assembly was built without report.css.");
        using StreamReader reader = new(file);
        return reader.ReadToEnd();
    }
}
