namespace Gradwright.Data;

/// <summary>One pair of axes of a <see cref="LineChart"/> with its series.</summary>
public sealed class ChartPanel(string title, bool logarithmic = false)
{
    private readonly List<ChartSeries> _series = [];

    /// <summary>What y is; stands above the axes.</summary>
    public string Title { get; } = title;

    /// <summary>Whether y is drawn on a logarithmic axis.</summary>
    public bool Logarithmic { get; } = logarithmic;

    public IReadOnlyList<ChartSeries> Series => _series;

    /// <summary>Adds a line through (x, y); both are copied.</summary>
    /// <returns>This panel, so that calls can be chained.</returns>
    public ChartPanel Add(string name, ReadOnlySpan<double> x, ReadOnlySpan<double> y, bool dashed = false)
    {
        _series.Add(new ChartSeries(name, x, y, dashed));
        return this;
    }

    /// <summary>Adds a line through (1, y₀), (2, y₁), ...: a value per epoch.</summary>
    public ChartPanel Add(string name, ReadOnlySpan<double> y, bool dashed = false)
    {
        var x = new double[y.Length];
        for (int i = 0; i < x.Length; i++) x[i] = i + 1;
        return Add(name, x, y, dashed);
    }
}
