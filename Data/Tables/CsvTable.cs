using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsvHelper;
using CsvHelper.Configuration;

namespace Gradwright.Data;

/// <summary>A CSV file in memory: named columns of text, each row with the number of the line it ends at.</summary>
/// <example><code>
/// CsvTable table = CsvTable.Load("iris.csv");
/// double length = table.Number(row: 0, table.ColumnOf("sepal length"));
/// </code></example>
public sealed partial class CsvTable
{
    private readonly string _name;
    private readonly CsvOptions _options;
    private readonly Dictionary<string, int> _columns;
    private readonly List<string[]> _rows = [];
    private readonly List<int> _lines = [], _skipped = [];

    private CsvTable(string name, CsvOptions options, string[] columns)
    {
        (_name, _options, Columns, _columns) = (name, options, columns, []);
        for (int i = 0; i < columns.Length; i++)
            if (!_columns.TryAdd(columns[i], i))
                throw new CsvFormatException($"{name}: expected a different name for each column, found \"{columns[i]}\" twice, as number {_columns[columns[i]]} and " +
                    $"{i}. Give names with CsvOptions.ColumnNames; if the first row is not a header, say so with HasHeader = false.");
    }

    /// <summary>The names of the columns, in order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Rows of data.</summary>
    public int RowCount => _rows.Count;

    /// <summary>The lines at which rows of another length end that were skipped.</summary>
    public IReadOnlyList<int> SkippedLines => _skipped;

    /// <summary>Reads a file.</summary>
    /// <exception cref="CsvFormatException">The file has no rows, a row is of another length and not to be skipped, two columns share a name, quotes are
    /// misplaced, a field is too long, or its characters are not in the encoding.</exception>
    public static CsvTable Load(string path, CsvOptions? options = null)
    {
        using StreamReader reader = new(path, (options ??= new()).Encoding);
        return Read(reader, path, options);
    }

    /// <summary>Reads text to its end; <paramref name="name"/> stands for the file in errors.</summary>
    /// <inheritdoc cref="Load"/>
    public static CsvTable Read(TextReader reader, string name, CsvOptions? options = null)
    {
        options ??= new();
        if (options.Delimiter is not { Length: > 0 } || options.Delimiter.AsSpan().ContainsAny("\"\r\n ") || options.MaxFieldLength < 1 || options.SkippedRows < 0)
            throw new ArgumentException($"CsvTable: expected a delimiter without quotes, spaces and line ends, a positive field length and no negative number of skipped rows, but \"{options.Delimiter}\", " +
                $"{options.MaxFieldLength} and {options.SkippedRows} were given.", nameof(options));
        using CsvParser parser = new(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = options.Delimiter,
            MaxFieldSize = options.MaxFieldLength,
            TrimOptions = TrimOptions.Trim,
            BadDataFound = bad => throw new CsvFormatException($"{name}, line {bad.Context.Parser!.RawRow}: expected quotes around whole fields only, and doubled " +
                "within them, found one elsewhere, or one that is never closed. Check the line, and that the delimiter is right."),
        }, leaveOpen: true);
        try
        {
            return Read(parser, name, options);
        }
        catch (CsvHelperException e)
        {
            throw new CsvFormatException($"{name}, line {parser.RawRow}: expected fields of at most {options.MaxFieldLength} characters in RFC 4180, found a longer " +
                "or a damaged one. Is a quote not closed? Otherwise set CsvOptions.MaxFieldLength.", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new CsvFormatException($"{name}, after line {parser.RawRow}: expected characters in {options.Encoding.WebName}, found bytes that are none. " +
                "Say how the file is stored with CsvOptions.Encoding.", e);
        }
    }

    /// <summary>The number of a column.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public int ColumnOf(string name) => _columns.TryGetValue(name, out int column) ? column
        : throw new ArgumentException($"{_name} has no column \"{name}\". Its columns are {string.Join(", ", Columns.Select(c => $"\"{c}\""))}.", nameof(name));

    /// <summary>A field's text; null where the value is missing.</summary>
    public string? Text(int row, int column) => _rows[row][column] is { Length: > 0 } text && !_options.MissingMarks.Contains(text) ? text : null;

    /// <summary>A field's number; null where the value is missing.</summary>
    /// <exception cref="CsvFormatException">The text is no finite number.</exception>
    public double? Number(int row, int column)
    {
        if (Text(row, column) is not { } text) return null;
        if (TryParse(text, out double number)) return number;
        throw new CsvFormatException($"{Place(row, column)}: expected a finite number such as {1234.5.ToString(_options.Numbers)}, found \"{text}\". If it stands for a " +
            "missing value, add it to CsvOptions.MissingMarks; if numbers are written in another way, set CsvOptions.Numbers.");
    }

    /// <summary>Whether a field holds a finite number, written as the options say.</summary>
    public bool IsNumber(int row, int column) => Text(row, column) is { } text && TryParse(text, out _);

    /// <summary>Whether a field, which holds no number as the options say, would hold one in another country's custom: with decimal commas, or groups of digits.</summary>
    internal bool IsForeignNumber(int row, int column) => Text(row, column) is { } text && (CommaNumber().IsMatch(text) || PointNumber().IsMatch(text));

    /// <summary>Where a field is, for errors: file, line and column.</summary>
    public string Place(int row, int column) => $"{_name}, line {_lines[row]}, column \"{Columns[column]}\"";

    public override string ToString() => $"{_name}: {RowCount} rows of {Columns.Count} columns";

    [GeneratedRegex(@"^[+-]?([0-9]+|[0-9]{1,3}([.\s'’][0-9]{3})+)(,[0-9]+)?$")]
    private static partial Regex CommaNumber();

    [GeneratedRegex(@"^[+-]?([0-9]+|[0-9]{1,3}([,\s'’][0-9]{3})+)(\.[0-9]+)?$")]
    private static partial Regex PointNumber();

    // No separators between groups of digits: where commas are decimal and nobody said so, 1,5 would become 15.
    private bool TryParse(string text, out double number) => double.TryParse(text, NumberStyles.Float, _options.Numbers, out number) && double.IsFinite(number);

    private static CsvTable Read(CsvParser parser, string name, CsvOptions options)
    {
        CsvTable? table = null;
        string? source = null;
        for (int i = 0; i < options.SkippedRows; i++) parser.Read();
        while (parser.Read())
        {
            string[] row = parser.Record ?? [];
            if (Array.Exists(row, field => field.Contains('\0')))
                throw new CsvFormatException($"{name}, line {parser.RawRow}: expected text, found the character 0. Either the file is damaged, or it is stored as UTF-16 without saying so: " +
                    "then set CsvOptions.Encoding = Encoding.Unicode.");
            if (table is null)
            {
                string[] names = [.. options.ColumnNames ?? (options.HasHeader ? row : Enumerable.Range(0, row.Length).Select(i => $"{i}"))];
                (table, source) = (new(name, options, names), options.HasHeader && options.ColumnNames is null ? "the header" : "the first row or CsvOptions.ColumnNames");
                if (options.HasHeader) continue;
            }
            if (row.Length == table.Columns.Count)
            {
                table._rows.Add(row);
                table._lines.Add(parser.RawRow);
            }
            else if (options.OnRagged == OnRaggedRow.Skip) table._skipped.Add(parser.RawRow);
            else
                throw new CsvFormatException($"{name}, line {parser.RawRow}: expected {table.Columns.Count} fields as in {source}, found {row.Length}. Check the line and the " +
                    "delimiter; to leave such rows out, set OnRagged = OnRaggedRow.Skip.");
        }
        if (table is null || table.RowCount == 0)
            throw new CsvFormatException($"{name}: expected {(options.HasHeader ? "a header and " : "")}at least one row, found none. Is it the right file?");
        return table;
    }
}
