using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>A confusion matrix as an SVG picture: a cell per pair of classes, the stronger the larger its share of the target; hits in one colour, mistakes in another.</summary>
internal static class ConfusionChart
{
    private const int Side = 460, MostLabels = 20, MostEmpty = 40, LongestName = 12;
    private const double LetterWidth = 6.6;

    public static string ToSvg(ConfusionView matrix, IReadOnlyList<string> names)
    {
        int n = matrix.Classes;
        ChartColours colours = new(ChartStyle.Page);
        string[] labels = [.. Enumerable.Range(0, n).Select(i => ReportNames.Of(i, names))], shown = [.. labels.Select(Shorten)];
        bool isLabelled = n <= MostLabels;
        double letters = isLabelled ? LetterWidth * shown.Max(name => name.Length) : 0, left = 26 + letters, cell = Math.Clamp(Side / (double)n, 3, 40);
        bool isTurned = letters > cell;
        double top = 24 + (isTurned ? letters * 0.75 : isLabelled ? 14 : 0), size = n * cell;
        SvgBuilder svg = new(left + size + (isTurned ? letters * 0.6 : 4), top + size + 4, colours, $"Confusion matrix of {n} classes");
        svg.Text(left, 12, "predicted →", "font-size=\"11\"");
        svg.Text(0, 0, "target →", SvgBuilder.Invariant($"font-size=\"11\" text-anchor=\"end\" transform=\"translate(11 {top:0.#}) rotate(-90)\""));
        for (int i = 0; i < n && isLabelled; i++)
        {
            double middle = (i + 0.5) * cell;
            svg.Text(left - 6, top + middle + 4, shown[i], "text-anchor=\"end\"");
            if (isTurned) svg.Text(0, 0, shown[i], SvgBuilder.Invariant($"transform=\"translate({left + middle:0.#} {top - 5:0.#}) rotate(-45)\""));
            else svg.Text(left + middle, top - 5, shown[i], "text-anchor=\"middle\"");
        }

        if (n > MostEmpty) svg.Rectangle(left, top, size, size, $"fill=\"{colours.Grid}\" fill-opacity=\"0.5\"");
        for (int target = 0; target < n; target++)
        {
            long whole = Enumerable.Range(0, n).Sum(i => matrix.Counts[target * n + i]);
            for (int prediction = 0; prediction < n; prediction++)
            {
                long count = matrix.Counts[target * n + prediction];
                if (count == 0 && n > MostEmpty) continue;
                // By the root of the share, so that rare mistakes are seen.
                double strength = count == 0 ? 0 : 0.12 + 0.88 * Math.Sqrt(count / (double)whole), x = left + prediction * cell, y = top + target * cell;
                string fill = count == 0 ? $"fill=\"{colours.Grid}\" fill-opacity=\"0.5\""
                    : SvgBuilder.Invariant($"fill=\"{colours.Series(target == prediction ? 0 : 1)}\" fill-opacity=\"{strength:0.##}\"");
                svg.Rectangle(x, y, cell - 1, cell - 1, $"class=\"cell\" {fill}",
                    $"{labels[target]} taken for {labels[prediction]}: {count:N0}{(whole > 0 ? SvgBuilder.Invariant($" of {whole:N0} ({100.0 * count / whole:0.#} %)") : "")}");
                if (!isLabelled || count == 0) continue;
                string ink = strength > 0.6 ? "#fff" : colours.Strong;
                svg.Text(x + cell / 2 - 0.5, y + cell / 2 + 4, $"{count}", $"class=\"count\" font-size=\"11\" text-anchor=\"middle\" pointer-events=\"none\" fill=\"{ink}\"");
            }
        }

        return svg.ToString();
    }

    private static string Shorten(string name) => name.Length <= LongestName ? name : $"{name[..(LongestName - 1)]}…";
}
