namespace Gradwright.Data;

/// <summary>The colours of a <see cref="ChartStyle"/>, as they stand in attributes.</summary>
internal sealed class ChartColours(ChartStyle style)
{
    /// <summary>How many series can be told apart.</summary>
    public const int SeriesCount = 7;

    // Okabe and Ito's colours, which colour-blind readers can tell apart; the strongest first.
    private static readonly string[] _series = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#333333"];

    public bool IsPage => style == ChartStyle.Page;

    public string Text => Of("text", "#555");
    public string Strong => Of("strong", "#222");
    public string Grid => Of("grid", "#e8e8e8");
    public string Axis => Of("axis", "#999");
    public string Back => Of("back", "#fff");

    /// <summary>The colour of series i; after the last the first comes again.</summary>
    public string Series(int i) => Of($"{i % SeriesCount + 1}", _series[i % SeriesCount]);

    private string Of(string name, string plain) => style == ChartStyle.Page ? $"var(--chart-{name}, {plain})" : plain;
}
