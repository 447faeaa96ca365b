using Gradwright.Data;
using Gradwright.Layers;
using static Gradwright.Training.Html;

namespace Gradwright.Training;

/// <summary>The parts of the page that need a look at the model.</summary>
internal sealed partial class ReportPage
{
    private static readonly Html _nothing = new("");

    private string Samples => report.View is { OfValidation: true } ? "validation samples" : "training samples";

    private Html Predictions()
    {
        if (report.View is not { } view) return Section("predictions", "Predictions", Of($"<p class=\"note\">They follow the first epoch.</p>"));
        if (view.Confusion is null && view.Samples.Count == 0) return _nothing;
        Html matrix = view.Confusion is null ? _nothing : Of($"""
            <figure class="matrix" id="confusion">{new Html(ConfusionChart.ToSvg(view.Confusion, report.Classes))}
            <figcaption>{view.Confusion.Counts.Sum():N0} {Samples} after epoch {view.Epoch}: right ones on the diagonal; the stronger a cell, the larger its share of the row</figcaption></figure>
            """);
        Html worst = view.Samples.Count == 0 ? _nothing : Of($"""
            <div id="samples"><p class="note">The {view.Samples.Count} of {view.Looked:N0} {Samples} whose right class got the least probability, the worst first.</p>
            <div class="samples">{view.Samples.Select(Sample)}</div></div>
            """);
        return Section("predictions", "Predictions", Of($"<div class=\"predictions\">{matrix}{worst}</div>"));
    }

    private Html Sample(SampleView sample)
    {
        (string target, string prediction) = (ReportNames.Of(sample.Target, report.Classes), ReportNames.Of(sample.Prediction, report.Classes));
        string verdict = sample.Target == sample.Prediction ? "right" : "wrong";
        Html picture = sample.Picture is { } p ? Of($"<img src=\"{p.DataUri}\" width=\"{p.Width}\" height=\"{p.Height}\" alt=\"a sample of class {target}\">") : _nothing;
        return Of($"<figure class=\"sample {verdict}\" title=\"the right class got {Number(100 * sample.TargetProbability)} %\">{picture}<figcaption><b>{target}</b> → <i>{prediction}</i><br>{100 * sample.Probability:0.0} %</figcaption></figure>");
    }

    private Html Filters() => report.View?.Filters is not { } filters ? _nothing : Section("filters", "First layer",
        Of($"<figure class=\"filters\"><img src=\"{filters.Picture.DataUri}\" width=\"{filters.Picture.Width}\" height=\"{filters.Picture.Height}\" alt=\"{filters.Caption}\"><figcaption>{filters.Caption}</figcaption></figure>"));

    private Html Spreads()
    {
        if (report.View is not { } view) return _nothing;
        Html parameters = Of($"""
            <div class="wide"><table id="parameters"><thead><tr><th>parameter</th><th>weights</th><th class="n">deviation</th><th>gradients of the last step</th><th class="n">deviation</th></tr></thead>
            <tbody>{view.Parameters.Select(ParameterRow)}</tbody></table></div>
            """);
        Html activations = view.Activations.Count == 0 ? _nothing : Of($"""
            <h3>Results of layers</h3>
            <div class="wide"><table id="activations"><thead><tr><th>layer</th><th>results</th><th class="n">mean</th><th class="n">deviation</th><th class="n">zeros</th><th class="n">dead or saturated</th></tr></thead>
            <tbody>{view.Activations.Select(ActivationRow)}</tbody></table></div>
            """);
        return Section("spreads", "How weights, gradients and activations are spread",
            Of($"<p class=\"note\">After epoch {view.Epoch}. A bar's height goes by the root of its count. A dead unit of a rectifier was zero for all {view.Looked:N0} {Samples}.</p>{parameters}{activations}"));
    }

    private static Html ParameterRow(ParameterView p) => Of($"""
        <tr><td>{p.Name}<br><small>{p.Shape}</small></td>{Spread(p.Values)}<td class="n">{Number(p.Values.Deviation)}</td>{(p.Gradients is { } g ? Spread(g) : Of($"<td>none</td>"))}<td class="n">{(p.Gradients is null ? "" : Number(p.Gradients.Deviation))}</td></tr>
        """);

    private static Html ActivationRow(ActivationView a)
    {
        (string state, string verdict) = a switch
        {
            { Dead: { } dead } => ($"{dead:N0} of {a.Units:N0} dead", dead == 0 ? "" : dead > a.Units / 2 ? "wrong" : "doubtful"),
            { Saturated: { } share } => ($"{100 * share:0.0} % saturated", share > 0.5 ? "wrong" : share > 0.1 ? "doubtful" : ""),
            _ => ("", ""),
        };
        return Of($"""
            <tr><td>{a.Name}<br><small>{a.Layer}</small></td>{Spread(a.Values)}<td class="n">{Number(a.Values.Mean)}</td><td class="n">{Number(a.Values.Deviation)}</td><td class="n">{100 * a.Zeros:0.0} %</td><td class="n {verdict}">{state}</td></tr>
            """);
    }

    private static Html Spread(TensorHistogram histogram)
    {
        Html broken = histogram.NotFinite == 0 ? _nothing : Of($"<span class=\"wrong\">{histogram.NotFinite:N0} not finite</span>");
        return Of($"<td class=\"spread\">{new Html(new HistogramChart(histogram).ToSvg(ChartStyle.Page))}{broken}</td>");
    }

    private Html Model() => Section("model", "Model", Of($"""
        <div class="wide"><table id="layers"><thead><tr><th>layer</th><th>what it is</th><th>results for one sample</th><th class="n">parameters</th><th class="n">trained</th><th class="n">operations</th></tr></thead>
        <tbody>{report.Layers.Select(LayerRow)}</tbody>
        <tfoot><tr><td colspan="3">all</td><td class="n">{report.Layers.Sum(layer => layer.Parameters):N0}</td><td class="n">{report.Layers.Sum(layer => layer.Trainable):N0}</td><td class="n">{Operations(report.Layers.Sum(layer => layer.Flops))}</td></tr></tfoot></table></div>
        """));

    private static Html LayerRow(LayerSummary layer)
        => Of($"<tr><td>{layer.Path}</td><td>{layer.Layer}</td><td>{layer.Output}</td><td class=\"n\">{layer.Parameters:N0}</td><td class=\"n\">{layer.Trainable:N0}</td><td class=\"n\">{Operations(layer.Flops)}</td></tr>");

    private static string Operations(double n) => n < 1e3 ? $"{n:0}" : n < 1e6 ? $"{n / 1e3:0.#} k" : n < 1e9 ? $"{n / 1e6:0.#} M" : $"{n / 1e9:0.##} G";

    private Html Facts() => Join(report.Facts.Select(group => Section(Identifier(group.Title), group.Title,
        Of($"<dl>{group.Facts.Select(fact => Of($"<dt>{fact.Name}</dt><dd>{fact.Value}</dd>"))}</dl>"))));

    private static string Identifier(string title) => string.Concat(title.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
