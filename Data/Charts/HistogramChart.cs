using System.Text;

namespace Gradwright.Data;

/// <summary>How numbers are spread, as a small SVG picture of bars. A bar's height goes by the root of its count, so that tails are seen beside a peak.</summary>
public sealed class HistogramChart(TensorHistogram histogram)
{
    private const int LabelHeight = 14;

    /// <summary>In pixels.</summary>
    public int Width { get; init; } = 220;

    /// <summary>In pixels, labels included.</summary>
    public int Height { get; init; } = 60;

    /// <summary>Writes the picture, which appears whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(ToSvg())));

    /// <summary>The picture's text.</summary>
    public string ToSvg(ChartStyle style = ChartStyle.File)
    {
        ChartColours colours = new(style);
        SvgBuilder svg = new(Width, Height, colours, Describe());
        double bottom = Height - LabelHeight;
        int bars = histogram.Counts.Count;
        double tallest = bars == 0 ? 1 : Math.Sqrt(histogram.Counts.Max()), step = (double)Width / Math.Max(1, bars);
        for (int i = 0; i < bars; i++)
        {
            if (histogram.Counts[i] == 0) continue;
            double from = i == 0 ? histogram.Min : histogram.Limit(i - 1), height = Math.Max(1, (bottom - 1) * Math.Sqrt(histogram.Counts[i]) / tallest);
            svg.Rectangle(i * step, bottom - height, Math.Max(0.5, step - 0.5), height, $"class=\"bar\" fill=\"{colours.Series(0)}\"",
                $"{SvgBuilder.Number(from)} to {SvgBuilder.Number(histogram.Limit(i))}: {histogram.Counts[i]:N0}");
        }

        svg.Path($"M0 {bottom}H{Width}", $"stroke=\"{colours.Axis}\"");
        if (histogram.Min < 0 && histogram.Max > 0)
            svg.Path($"M{-histogram.Min / (histogram.Max - histogram.Min) * Width:0.#} 0V{bottom}", $"stroke=\"{colours.Axis}\" stroke-dasharray=\"2 3\"");
        svg.Text(0, Height - 2, bars == 0 ? "no finite numbers" : SvgBuilder.Number(histogram.Min), "font-size=\"10\"");
        if (bars > 1) svg.Text(Width, Height - 2, SvgBuilder.Number(histogram.Max), "font-size=\"10\" text-anchor=\"end\"");
        return svg.ToString();
    }

    private string Describe() => histogram.Count == 0 ? "No finite numbers"
        : $"{histogram.Count:N0} numbers from {SvgBuilder.Number(histogram.Min)} to {SvgBuilder.Number(histogram.Max)}, mean {SvgBuilder.Number(histogram.Mean)}";
}
