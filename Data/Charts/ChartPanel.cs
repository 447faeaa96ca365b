namespace Gradwright.Data;

/// <summary>One pair of axes of a <see cref="LineChart"/> with its series.</summary>
public sealed class ChartPanel(string title, bool logarithmic = false)
{
    private readonly List<ChartSeries> _series = [];
    private readonly List<(double Y, string Name)> _marks = [];

    /// <summary>What y is; stands above the axes.</summary>
    public string Title { get; } = title;

    /// <summary>Whether y is drawn on a logarithmic axis.</summary>
    public bool Logarithmic { get; } = logarithmic;

    public IReadOnlyList<ChartSeries> Series => _series;

    /// <summary>Level lines to compare with.</summary>
    public IReadOnlyList<(double Y, string Name)> Marks => _marks;

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

    /// <summary>Adds a dotted level line at <paramref name="y"/>, such as what a value should be near to.</summary>
    /// <returns>This panel, so that calls can be chained.</returns>
    public ChartPanel Mark(double y, string name)
    {
        _marks.Add((y, name));
        return this;
    }
}
