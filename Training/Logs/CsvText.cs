using System.Globalization;

namespace Gradwright.Training;

/// <summary>Tables as text: comma-separated values (RFC 4180), with a point in numbers whatever the culture.</summary>
internal static class CsvText
{
    /// <summary>A line, without its end.</summary>
    public static string Line(IEnumerable<string> cells) => string.Join(',', cells.Select(Quote));

    /// <summary>The shortest text that gives back the same number.</summary>
    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A pair of cells for each metric: training and validation, which may be missing.</summary>
    public static IEnumerable<string> Pairs(IReadOnlyList<double> training, IReadOnlyList<double> validation)
        => training.SelectMany((value, i) => (string[])[Number(value), i < validation.Count ? Number(validation[i]) : ""]);

    /// <summary>The titles of <see cref="Pairs"/>.</summary>
    public static IEnumerable<string> Titles(IEnumerable<string> metrics) => metrics.SelectMany(name => (string[])[$"training {name}", $"validation {name}"]);

    private static string Quote(string cell) => cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
