namespace Gradwright;

/// <summary>Where a value of a <see cref="CapturedGraph"/> comes from.</summary>
public enum GraphValueKind
{
    /// <summary>An op computes it.</summary>
    Computed,

    /// <summary>The caller passes it in.</summary>
    Input,

    /// <summary>A parameter.</summary>
    Parameter,

    /// <summary>A tensor that was there before, such as a running average, or numbers of the program's.</summary>
    Constant,

    /// <summary>One number, repeated.</summary>
    Filled,
}

/// <summary>A tensor in a <see cref="CapturedGraph"/>.</summary>
public sealed class GraphValue
{
    internal GraphValue(int id, GraphValueKind kind, Shape shape, DType dtype, Tensor? data = null, double filled = 0)
        => (Id, Kind, Shape, DType, Data, Number) = (id, kind, shape, dtype, data, filled);

    /// <summary>Its number in the graph.</summary>
    public int Id { get; }

    /// <summary>Where it comes from.</summary>
    public GraphValueKind Kind { get; }

    /// <summary>Its shape when the graph was recorded.</summary>
    public Shape Shape { get; }

    /// <summary>The type of its elements.</summary>
    public DType DType { get; }

    /// <summary>The tensor itself, if it is a parameter or a constant; it belongs to the graph's owner.</summary>
    public Tensor? Data { get; }

    /// <summary>The number that a <see cref="GraphValueKind.Filled"/> one repeats.</summary>
    public double Number { get; }

    /// <summary>The parameter's name, or a number.</summary>
    public string Name => Data?.Name ?? $"{(Kind == GraphValueKind.Input ? "input" : "t")}{Id}";

    public override string ToString() => $"{Name} {Shape}";
}
