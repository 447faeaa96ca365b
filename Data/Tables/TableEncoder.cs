namespace Gradwright.Data;

/// <summary>
/// Makes numbers of a table's columns. Means, deviations, categories and what missing values become are learned from the training part alone, and then
/// applied to every part, as they will have to be to data that nobody has seen yet.
/// </summary>
/// <example><code>
/// CsvTable table = CsvTable.Load("housing.csv");
/// long[][] parts = Split.Random(table.RowCount, [4, 1, 1], seed: 1);
/// TableEncoder encoder = TableEncoder.Fit(table, parts[0],
///     TableColumn.Infer(table, target: "median_house_value"));
/// using var loader = new DataLoader(encoder.Encode(table, parts[0]), batchSize: 64, shuffleSeed: 1);     // [64, features], [64, 1]
/// encoder.Save("encoder.json");
/// </code></example>
public sealed class TableEncoder
{
    private const string Format = "gradwright-table-encoder";

    private readonly FittedColumn[] _inputs;
    private readonly FittedColumn _target;

    private TableEncoder(FittedColumn[] columns)
    {
        (_inputs, FittedColumn[] targets) = ([.. columns.Where(c => !c.Column.IsTarget)], [.. columns.Where(c => c.Column.IsTarget)]);
        if (_inputs.Sum(c => c.Width) == 0 || targets.Length != 1 || columns.DistinctBy(c => c.Column.Name).Count() != columns.Length)
            throw new ArgumentException($"TableEncoder: expected at least one input and exactly one target, each column once, but the columns are " +
                $"{string.Join(", ", columns.Select(c => $"\"{c.Column.Name}\" ({c.Column.Kind})"))}.");
        _target = targets[0];
        Features = [.. _inputs.SelectMany(c => c.Column.Kind == ColumnKind.OneHot ? c.Categories.Select(v => $"{c.Column.Name} = {v}") : [c.Column.Name])];
    }

    /// <summary>What each input number is, in order: a column's name, or "name = category".</summary>
    public IReadOnlyList<string> Features { get; }

    /// <summary>The classes by their number, where the target is one.</summary>
    public IReadOnlyList<string> Classes => _target.Categories;

    /// <summary>Learns from the rows of the training part.</summary>
    /// <param name="table">The table.</param>
    /// <param name="training">The numbers of its rows, from 0.</param>
    /// <param name="columns">What to make of which column; exactly one is the target.</param>
    /// <exception cref="ArgumentException">There is not one target, a column is not in the table or given twice, or missing values cannot be treated as asked.</exception>
    /// <exception cref="CsvFormatException">A number is none, a value is missing that must not be, or a column has no values.</exception>
    public static TableEncoder Fit(CsvTable table, ReadOnlySpan<long> training, params ReadOnlySpan<TableColumn> columns)
    {
        foreach (TableColumn column in columns) column.Check();
        TableColumn[] all = columns.ToArray();
        int[] rows = [.. Rows(training).Where(row => !IsDropped(table, row, all))];
        if (rows.Length == 0)
            throw new ArgumentException($"TableEncoder: expected rows to learn from, but " +
                $"{(training.IsEmpty ? "none were given" : $"all {training.Length} have a missing value and are dropped")}.", nameof(training));
        return new([.. all.Select(column => FittedColumn.Fit(table, column, rows))]);
    }

    /// <inheritdoc cref="Fit(CsvTable, ReadOnlySpan{long}, ReadOnlySpan{TableColumn})"/>
    public static TableEncoder Fit(CsvTable table, IReadOnlyList<long> training, params ReadOnlySpan<TableColumn> columns) => Fit(table, (ReadOnlySpan<long>)[.. training], columns);

    /// <summary>Makes samples of all rows.</summary>
    /// <inheritdoc cref="Encode(CsvTable, ReadOnlySpan{long})"/>
    public TableDataset Encode(CsvTable table) => Encode(table, Enumerable.Range(0, table.RowCount).Select(row => (long)row).ToArray());

    /// <summary>Makes samples of rows.</summary>
    /// <param name="table">A table with at least the columns that were learned from.</param>
    /// <param name="rows">The numbers of the rows, from 0.</param>
    /// <exception cref="CsvFormatException">A number is none, a value is missing that must not be, or a class was not in the training part.</exception>
    public TableDataset Encode(CsvTable table, ReadOnlySpan<long> rows)
    {
        TableColumn[] all = [.. _inputs.Append(_target).Select(c => c.Column)];
        int[] kept = [.. Rows(rows).Where(row => !IsDropped(table, row, all))];
        float[] inputs = new float[kept.Length * Features.Count], numbers = new float[kept.Length];
        long[] classes = new long[kept.Length];
        int at = 0;
        foreach (FittedColumn fitted in _inputs)
        {
            int column = table.ColumnOf(fitted.Column.Name);
            for (int i = 0; i < kept.Length; i++) Encode(table, kept[i], column, fitted, inputs.AsSpan(i * Features.Count + at, fitted.Width));
            at += fitted.Width;
        }
        int target = table.ColumnOf(_target.Column.Name);
        for (int i = 0; i < kept.Length; i++)
            if (_target.Column.IsNumber) numbers[i] = _target.Scale(NumberOf(table, kept[i], target, _target));
            else classes[i] = ClassOf(table, kept[i], target);
        Shape shape = [Features.Count];
        IDataset samples = _target.Column.IsNumber ? new ArrayDataset<float, float>(inputs, shape, numbers, [1]) : new ArrayDataset<float, long>(inputs, shape, classes, []);
        return new(samples, kept, rows.Length - kept.Length, _target.Column.IsNumber ? [] : [.. classes.Select(c => (int)c)]);
    }

    /// <inheritdoc cref="Encode(CsvTable, ReadOnlySpan{long})"/>
    public TableDataset Encode(CsvTable table, IReadOnlyList<long> rows) => Encode(table, (ReadOnlySpan<long>)[.. rows]);

    /// <summary>How many of the column's unit are one in the samples' targets: the standard deviation of a <see cref="ColumnKind.ScaledTarget"/>, else 1.</summary>
    public double TargetUnit => _target.Column.Kind == ColumnKind.ScaledTarget ? _target.Deviation : 1;

    /// <summary>Predictions in the unit of the target's column, where it is a <see cref="ColumnKind.ScaledTarget"/>; others as they are.</summary>
    /// <param name="prediction">What a model trained on the samples gives; any shape.</param>
    public Tensor Restore(Tensor prediction) => _target.Column.Kind == ColumnKind.ScaledTarget ? prediction * _target.Deviation + _target.Mean : prediction;

    /// <summary>Writes what was learned as JSON.</summary>
    public void Save(string path) => FittedFile.Write(path, Format, json =>
    {
        json.WriteStartArray("columns");
        foreach (FittedColumn column in _inputs.Append(_target)) column.Write(json);
        json.WriteEndArray();
    });

    /// <summary>Reads what was saved.</summary>
    /// <exception cref="FittedFileException">The file is damaged or another one.</exception>
    public static TableEncoder Load(string path) =>
        FittedFile.Read(path, Format, json => new TableEncoder([.. json.GetProperty("columns").EnumerateArray().Select(FittedColumn.Read)]));

    private static IEnumerable<int> Rows(ReadOnlySpan<long> rows) => [.. rows.ToArray().Select(row => checked((int)row))];

    private static bool IsDropped(CsvTable table, int row, TableColumn[] columns) =>
        columns.Any(c => c.Missing == MissingValue.DropRow && table.Text(row, table.ColumnOf(c.Name)) is null);

    private static void Encode(CsvTable table, int row, int column, FittedColumn fitted, Span<float> x)
    {
        if (fitted.Column.IsNumber)
        {
            x[0] = fitted.Scale(NumberOf(table, row, column, fitted));
            return;
        }
        int category = fitted.CategoryOf(TextOf(table, row, column, fitted));
        if (fitted.Column.Kind == ColumnKind.Index) x[0] = category < 0 ? fitted.Categories.Length : category;
        else if (category >= 0) x[category] = 1;
    }

    private static double NumberOf(CsvTable table, int row, int column, FittedColumn fitted) => table.Number(row, column) ?? fitted.Fill ?? throw Missing(table, row, column);

    private static string TextOf(CsvTable table, int row, int column, FittedColumn fitted) => table.Text(row, column) ?? fitted.FillText ?? throw Missing(table, row, column);

    private static CsvFormatException Missing(CsvTable table, int row, int column) =>
        new($"{table.Place(row, column)}: expected a value, found that it is missing. Choose what to do about it with a MissingValue: drop the row, or fill it in.");

    private int ClassOf(CsvTable table, int row, int column)
    {
        string text = TextOf(table, row, column, _target);
        int found = _target.CategoryOf(text);
        return found >= 0 ? found : throw new CsvFormatException($"{table.Place(row, column)}: expected one of the {Classes.Count} classes of the training part " +
            $"({string.Join(", ", Classes.Take(10))}{(Classes.Count > 10 ? " …" : "")}), found \"{text}\". Split by Split.Stratified, so that every part has all classes.");
    }
}
