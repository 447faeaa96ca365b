namespace Gradwright.Data;

/// <summary>A named line of a chart. Where x or y is not finite (or y not positive on a logarithmic axis) the line has a gap.</summary>
public sealed class ChartSeries
{
    /// <summary>Takes copies of the points.</summary>
    /// <exception cref="ArgumentException">There are not as many y as x.</exception>
    public ChartSeries(string name, ReadOnlySpan<double> x, ReadOnlySpan<double> y, bool dashed = false)
    {
        if (x.Length != y.Length) throw new ArgumentException($"The series \"{name}\" needs one y per x, but has {x.Length} x and {y.Length} " +
            "y.", nameof(y));
        (Name, Dashed) = (name, dashed);
        var points = new (double X, double Y)[x.Length];
        for (int i = 0; i < x.Length; i++) points[i] = (x[i], y[i]);
        Points = points;
    }

    public string Name { get; }

    public IReadOnlyList<(double X, double Y)> Points { get; }

    /// <summary>Drawn dashed, to tell it from a related one.</summary>
    public bool Dashed { get; }
}
