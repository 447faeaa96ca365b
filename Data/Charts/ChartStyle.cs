namespace Gradwright.Data;

/// <summary>Where a chart is going to be seen.</summary>
public enum ChartStyle
{
    /// <summary>In a file of its own: dark on white.</summary>
    File,

    /// <summary>
    /// In an HTML page, as wide as the page allows: without background, in the colours of the page's custom properties <c>--chart-text</c>, <c>--chart-strong</c>,
    /// <c>--chart-grid</c>, <c>--chart-axis</c>, <c>--chart-back</c> and <c>--chart-1</c> to <c>--chart-7</c>; those of a file where the page has none. Values show when they
    /// are pointed at.
    /// </summary>
    Page,
}
