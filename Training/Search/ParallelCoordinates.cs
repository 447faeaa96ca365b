using System.Globalization;
using System.Net;
using System.Text;

namespace Gradwright.Training;

/// <summary>
/// A picture of a search (Inselberg, 1985): a vertical axis for each hyperparameter and one for the score, and each trial a line from axis to axis. The better, the darker; the
/// best is orange, trials without a score are dashed and end before the score.
/// </summary>
internal sealed class ParallelCoordinates(SearchResult result)
{
    private const string Fonts = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";
    private const int Gap = 150, Left = 90, Right = 90, Top = 80, Bottom = 420, Height = 450;
    private const int MostLabels = 6;
    private const double Clip = 2;      // scores worse than the best by more than so many times the median's are drawn at the end of their axis

    private readonly StringBuilder _svg = new();
    private readonly (double Best, double Worst) _scores = Scores(result);

    private int Axes => result.Space.Hyperparameters.Count + 1;

    public string ToSvg()
    {
        int width = Left + Gap * (Axes - 1) + Right;
        Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {Height}\" width=\"{width}\" height=\"{Height}\" ");
        Append($"font-family=\"{Fonts}\" font-size=\"12\" fill=\"#555\">\n<rect width=\"{width}\" height=\"{Height}\" fill=\"#fff\"/>\n");
        Text(Left - 30, 26, $"{result.Ranking.Count} trials{(result.Trials.Count > result.Ranking.Count ? $", {result.Trials.Count - result.Ranking.Count} failed" : "")}", "font-size=\"16\" font-weight=\"600\" fill=\"#222\"");
        foreach (Trial trial in result.Trials.Where(trial => !trial.HasScore)) Line(trial, "#bbb", 1, " stroke-dasharray=\"4 4\"");
        foreach (Trial trial in result.Ranking.Reverse()) Line(trial, Shade(Merit(trial)), 1.5, "");
        if (result.Ranking.Count > 0) Line(result.Best, "#d55e00", 3, "");
        for (int i = 0; i < Axes - 1; i++) Axis(i, result.Space.Hyperparameters[i]);
        ScoreAxis();
        return _svg.Append("</svg>\n").ToString();
    }

    // From the best, at the top, to the worst that is told apart.
    private static (double Best, double Worst) Scores(SearchResult result)
    {
        double[] scores = [.. result.Ranking.Select(trial => trial.Score).Order()];
        if (scores.Length == 0) return (1, 0);
        if (result.Goal == SearchGoal.Maximize) Array.Reverse(scores);
        double limit = scores[0] + Clip * (scores[scores.Length / 2] - scores[0]), worst = result.Goal == SearchGoal.Maximize ? Math.Max(limit, scores[^1]) : Math.Min(limit, scores[^1]);
        return (scores[0], worst);
    }

    // 1 is the best.
    private double Merit(Trial trial) => _scores.Best == _scores.Worst ? 1 : Math.Clamp((trial.Score - _scores.Worst) / (_scores.Best - _scores.Worst), 0, 1);

    private void Line(Trial trial, string colour, double width, string style)
    {
        IEnumerable<double> heights = trial.Position;
        if (trial.HasScore) heights = heights.Append(Merit(trial));
        string points = string.Join(' ', heights.Select((height, i) => string.Create(CultureInfo.InvariantCulture, $"{X(i)},{Y(height):0.#}")));
        Append($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-opacity=\"0.8\" stroke-linejoin=\"round\"{style}><title>{Escape(trial.ToString())}</title></polyline>\n");
    }

    private void Axis(int i, Hyperparameter hyperparameter)
    {
        Frame(i, hyperparameter.Name);
        int labels = hyperparameter.Levels is { } levels and <= MostLabels ? levels : 5;
        bool each = hyperparameter.Levels <= MostLabels && !hyperparameter.IsOrdered;
        double[] positions = [.. Enumerable.Range(0, labels).Select(k => hyperparameter.Snap(each ? (k + 0.5) / labels : k / (labels - 1.0))).Distinct()];
        foreach (double position in positions) Label(i, position, hyperparameter.Text(position));
    }

    private void ScoreAxis()
    {
        Frame(Axes - 1, "score");
        for (int k = 0; k <= 4; k++) Label(Axes - 1, k / 4.0, SearchSpace.Format(_scores.Worst + k / 4.0 * (_scores.Best - _scores.Worst)));
    }

    private void Frame(int i, string name)
    {
        Append($"<path d=\"M{X(i)} {Top}V{Bottom}\" stroke=\"#333\"/>\n");
        Text(X(i), Top - 14, name, "text-anchor=\"middle\" font-weight=\"600\" fill=\"#333\"");
    }

    private void Label(int i, double height, string text)
    {
        Append($"<path d=\"M{X(i) - 4} {Y(height):0.#}h8\" stroke=\"#333\"/>\n");
        Text(X(i) + 8, Y(height) + 4, text, "stroke=\"#fff\" stroke-width=\"3\" paint-order=\"stroke\"");
    }

    // From light gray to dark blue.
    private static string Shade(double merit)
    {
        int Mix(int light, int dark) => (int)Math.Round(light + merit * merit * (dark - light));
        return $"#{Mix(0xdd, 0x00):x2}{Mix(0xe3, 0x4c):x2}{Mix(0xe8, 0x8c):x2}";
    }

    private static int X(int axis) => Left + Gap * axis;

    private static double Y(double height) => Bottom - height * (Bottom - Top);

    private void Append(FormattableString text) => _svg.Append(FormattableString.Invariant(text));

    private void Text(double x, double y, string text, string style) => Append($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" {style}>{Escape(text)}</text>\n");

    private static string Escape(string text) => WebUtility.HtmlEncode(string.Concat(text.Where(c => !char.IsControl(c))));
}
