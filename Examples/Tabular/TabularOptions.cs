namespace Gradwright.Examples.Tabular;

/// <summary>Which table to learn, and how.</summary>
internal sealed record TabularOptions
{
    /// <summary>A CSV file with a header; null makes up a table of flats.</summary>
    public string? Data { get; init; }

    /// <summary>The column to predict; null: the last.</summary>
    public string? Target { get; init; }

    /// <summary>Semicolons between fields, and commas in numbers.</summary>
    public bool DecimalComma { get; init; }

    public int Epochs { get; init; } = 40;
    public ulong Seed { get; init; } = 1;
}
