using System.Text.Json;

namespace Gradwright.Data;

/// <summary>A column with what was learned about it from the training part.</summary>
/// <param name="Column">What to make of it.</param>
/// <param name="Fill">What missing numbers become.</param>
/// <param name="FillText">What missing categories become.</param>
/// <param name="Mean">Of the numbers, after filling.</param>
/// <param name="Deviation">Of the numbers, after filling; 1 where they are all the same.</param>
/// <param name="Categories">In the order of their code units.</param>
internal sealed record FittedColumn(TableColumn Column, double? Fill, string? FillText, double Mean, double Deviation, string[] Categories)
{
    /// <summary>How many inputs it makes.</summary>
    public int Width => Column.IsTarget ? 0 : Column.Kind == ColumnKind.OneHot ? Categories.Length : 1;

    public static FittedColumn Fit(CsvTable table, TableColumn column, IReadOnlyList<int> rows)
    {
        int at = table.ColumnOf(column.Name);
        return column.IsNumber ? FitNumbers(table, column, at, rows) : FitCategories(table, column, at, rows);
    }

    /// <summary>The number that stands for one of the column: standardized where its kind says so.</summary>
    public float Scale(double number) => (float)(Column.Kind is ColumnKind.Number or ColumnKind.ScaledTarget ? (number - Mean) / Deviation : number);

    /// <summary>The number of a category; −1 if it was not seen.</summary>
    public int CategoryOf(string text) => Array.BinarySearch(Categories, text, StringComparer.Ordinal) is >= 0 and int found ? found : -1;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Column.Name);
        json.WriteString("kind", Column.Kind.ToString());
        json.WriteString("missing", Column.Missing.ToString());
        if (Fill is { } fill) json.WriteNumber("fill", fill);
        if (FillText is not null) json.WriteString("fillText", FillText);
        json.WriteNumber("mean", Mean);
        json.WriteNumber("deviation", Deviation);
        json.WriteStartArray("categories");
        foreach (string category in Categories) json.WriteStringValue(category);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static FittedColumn Read(JsonElement json)
    {
        TableColumn column = new(FittedFile.Text(json, "name"), FittedFile.Enum<ColumnKind>(json, "kind"), FittedFile.Enum<MissingValue>(json, "missing"));
        column.Check();
        string[] categories = [.. json.GetProperty("categories").EnumerateArray().Select(c => c.GetString() ?? throw new FormatException("a category is null"))];
        for (int i = 1; i < categories.Length; i++)
            if (string.CompareOrdinal(categories[i - 1], categories[i]) >= 0) throw new FormatException($"the categories of \"{column.Name}\" are not in order");
        FittedColumn fitted = new(column, json.TryGetProperty("fill", out _) ? FittedFile.Number(json, "fill") : null,
            json.TryGetProperty("fillText", out JsonElement text) ? text.GetString() : null, FittedFile.Number(json, "mean"), FittedFile.Number(json, "deviation"), categories);
        return fitted.Deviation > 0 ? fitted : throw new FormatException($"the deviation of \"{column.Name}\" is not positive");
    }

    private static FittedColumn FitNumbers(CsvTable table, TableColumn column, int at, IReadOnlyList<int> rows)
    {
        double[] numbers = [.. rows.Select(row => table.Number(row, at)).Where(n => n is not null).Select(n => n!.Value)];
        RequireValues(table, column, numbers.Length);
        double? fill = column.Missing switch
        {
            MissingValue.Mean => numbers.Average(),
            MissingValue.Median => Median(numbers),
            MissingValue.MostFrequent => numbers.GroupBy(n => n).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key,
            _ => null,
        };
        double filled = fill is null ? 0 : rows.Count - numbers.Length, n = numbers.Length + filled;
        double mean = (numbers.Sum() + filled * (fill ?? 0)) / n;
        double squares = numbers.Sum(x => (x - mean) * (x - mean)) + filled * ((fill ?? 0) - mean) * ((fill ?? 0) - mean);
        return new(column, fill, null, mean, squares > 0 ? Math.Sqrt(squares / n) : 1, []);
    }

    private static FittedColumn FitCategories(CsvTable table, TableColumn column, int at, IReadOnlyList<int> rows)
    {
        string[] texts = [.. rows.Select(row => table.Text(row, at)).OfType<string>()];
        RequireValues(table, column, texts.Length);
        string? fill = column.Missing == MissingValue.MostFrequent
            ? texts.GroupBy(t => t).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).First().Key : null;
        return new(column, null, fill, 0, 1, [.. texts.Distinct().Order(StringComparer.Ordinal)]);
    }

    private static void RequireValues(CsvTable table, TableColumn column, int count)
    {
        if (count == 0) throw new CsvFormatException($"{table}: expected values to learn from in column \"{column.Name}\", found none in the training part. Leave the column out.");
    }

    private static double Median(double[] numbers)
    {
        double[] sorted = [.. numbers.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
