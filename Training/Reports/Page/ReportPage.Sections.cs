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
            <figcaption>{view.Confusion.Counts.Sum():N0} {Samples} after epoch {view.Epoch}: right ones on the diagonal; the stronger a cell, the larger its share of the row
            </figcaption></figure>
            """);
        Html worst = view.Samples.Count == 0 ? _nothing : Of($"""
            <div id="samples">
            <p class="note">The {view.Samples.Count} of {view.Looked:N0} {Samples} whose right class got the least probability, the worst first.</p>
            <div class="samples">{view.Samples.Select(Sample)}</div>
            </div>
            """);
        return Section("predictions", "Predictions", Of($"<div class=\"predictions\">{matrix}{worst}</div>"));
    }

    private Html Sample(SampleView sample)
    {
        (string target, string prediction) = (ReportNames.Of(sample.Target, report.Classes), ReportNames.Of(sample.Prediction, report.Classes));
        string verdict = sample.Target == sample.Prediction ? "right" : "wrong";
        return Of($"""
            <figure class="sample {verdict}" title="the right class got {Number(100 * sample.TargetProbability)} %">
            {(sample.Picture is null ? _nothing : Image(sample.Picture, $"a sample of class {target}"))}
            <figcaption><b>{target}</b> → <i>{prediction}</i><br>{100 * sample.Probability:0.0} %</figcaption></figure>
            """);
    }

    private Html Saliency() => report.Saliency.Count == 0 ? _nothing : Section("saliency", "What the network looks at", Of($"""
        <p class="note">One sample of each class, and how much each pixel matters for the class that the network takes it for. Gradient and SmoothGrad: what the score would react to,
        bright is much. Integrated gradients: red speaks for the class, blue against it. Grad-CAM: where the last convolution sees what speaks for it.</p>
        <div class="looks">{report.Saliency.Select(Look)}</div>
        """));

    private Html Look(SaliencyView view)
    {
        (string target, string prediction) = (ReportNames.Of(view.Target, report.Classes), ReportNames.Of(view.Prediction, report.Classes));
        return Of($"""
            <div class="look sample {(view.Target == view.Prediction ? "right" : "wrong")}">
            <p><b>{target}</b> → <i>{prediction}</i> {100 * view.Probability:0.0} %</p>
            <div class="maps"><figure>{Image(view.Picture, $"a sample of class {target}")}<figcaption>input</figcaption></figure>
            {view.Maps.Select(map => Of($"<figure>{Image(map.Picture, $"{map.Method} for class {prediction}")}<figcaption>{map.Method}</figcaption></figure>"))}</div>
            </div>
            """);
    }

    private Html Filters() => report.View?.Filters is not { } filters ? _nothing
        : Section("filters", "First layer", Of($"<figure class=\"filters\">{Image(filters.Picture, filters.Caption)}<figcaption>{filters.Caption}</figcaption></figure>"));

    private static Html Image(ReportPicture picture, string description)
        => Of($"<img src=\"{picture.DataUri}\" width=\"{picture.Width}\" height=\"{picture.Height}\" alt=\"{description}\">");

    private Html Spreads()
    {
        if (report.View is not { } view) return _nothing;
        Html parameters = Table("parameters", ["parameter", "weights", "# deviation", "gradients of the last step", "# deviation"], view.Parameters.Select(ParameterRow));
        Html activations = view.Activations.Count == 0 ? _nothing : Of($"""
            <h3>Results of layers</h3>
            {Table("activations", ["layer", "results", "# mean", "# deviation", "# zeros", "# dead or saturated"], view.Activations.Select(ActivationRow))}
            """);
        return Section("spreads", "How weights, gradients and activations are spread", Of($"""
            <p class="note">After epoch {view.Epoch}. A bar's height goes by the root of its count. A dead unit of a rectifier was zero for all {view.Looked:N0} {Samples}.</p>
            {parameters}{activations}
            """));
    }

    private static Html ParameterRow(ParameterView p) => Of($"""
        <tr>{Name(p.Name, p.Shape)}{Spread(p.Values)}{Cell(Number(p.Values.Deviation))}
        {(p.Gradients is { } g ? Of($"{Spread(g)}{Cell(Number(g.Deviation))}") : Of($"<td>none</td><td></td>"))}</tr>
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
            <tr>{Name(a.Name, a.Layer)}{Spread(a.Values)}{Cell(Number(a.Values.Mean))}{Cell(Number(a.Values.Deviation))}{Cell($"{100 * a.Zeros:0.0} %")}{Cell(state, verdict)}</tr>
            """);
    }

    private static Html Spread(TensorHistogram histogram)
    {
        Html broken = histogram.NotFinite == 0 ? _nothing : Of($"<span class=\"wrong\">{histogram.NotFinite:N0} not finite</span>");
        return Of($"<td class=\"spread\">{new Html(new HistogramChart(histogram).ToSvg(ChartStyle.Page))}{broken}</td>");
    }

    private Html Model() => Section("model", "Model", Table("layers", ["layer", "what it is", "results for one sample", "# parameters", "# trained", "# operations"],
        report.Layers.Select(layer => Of($"<tr><td>{layer.Path}</td><td>{layer.Layer}</td><td>{layer.Output}</td>{Costs(layer.Parameters, layer.Trainable, layer.Flops)}</tr>")),
        Of($"<tr><td colspan=\"3\">all</td>{Costs(report.Layers.Sum(layer => layer.Parameters), report.Layers.Sum(layer => layer.Trainable), report.Layers.Sum(layer => layer.Flops))}</tr>")));

    private static Html Costs(long parameters, long trained, double operations) => Of($"{Cell($"{parameters:N0}")}{Cell($"{trained:N0}")}{Cell(Operations(operations))}");

    private static string Operations(double n) => n < 1e3 ? $"{n:0}" : n < 1e6 ? $"{n / 1e3:0.#} k" : n < 1e9 ? $"{n / 1e6:0.#} M" : $"{n / 1e9:0.##} G";

    private Html Facts() => Join(report.Facts.Select(group => Section(Identifier(group.Title), group.Title,
        Of($"<dl>{group.Facts.Select(fact => Of($"<dt>{fact.Name}</dt><dd>{fact.Value}</dd>"))}</dl>"))));

    private static string Identifier(string title) => string.Concat(title.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));

    // A title with a number sign is that of a column of numbers.
    private static Html Table(string id, string[] titles, IEnumerable<Html> rows, Html foot = default) => Of($"""
        <div class="wide"><table id="{id}">
        <thead><tr>{titles.Select(title => title[0] == '#' ? Of($"<th class=\"n\">{title[2..]}</th>") : Of($"<th>{title}</th>"))}</tr></thead>
        <tbody>{rows}</tbody>
        <tfoot>{foot}</tfoot>
        </table></div>
        """);

    private static Html Name(string name, string note) => Of($"<td>{name}<br><small>{note}</small></td>");

    private static Html Cell(string number, string verdict = "") => Of($"<td class=\"{$"n {verdict}".TrimEnd()}\">{number}</td>");
}
