namespace Gradwright.Data;

public sealed partial record TableColumn
{
    private const int MostCategories = 50, MostClasses = 20;

    /// <summary>
    /// What one would make of a table's columns at first sight: numbers become <see cref="ColumnKind.Number"/>, missing ones their median; texts become
    /// <see cref="ColumnKind.OneHot"/>, missing ones the most frequent. Columns that are empty, the same everywhere, or a different text in nearly every row (names, keys) are left out.
    /// </summary>
    /// <param name="table">The table; all of its rows are looked at, but nothing is learned of them.</param>
    /// <param name="target">The name of the column to predict. Rows in which it is missing are dropped.</param>
    /// <param name="classes">Whether the target is a class or a number; null: a class where it is text, or at most 20 different whole numbers.</param>
    /// <returns>The columns, the target last: change them with <c>with</c>, or leave some out.</returns>
    /// <exception cref="ArgumentException">There is no such column, or no other that can be used.</exception>
    /// <exception cref="CsvFormatException">A column holds nothing but numbers in another country's custom, such as 1,5, and would be taken for texts.</exception>
    public static TableColumn[] Infer(CsvTable table, string target, bool? classes = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        int targetColumn = table.ColumnOf(target);
        List<TableColumn> columns = [];
        for (int column = 0; column < table.Columns.Count; column++)
            if (column != targetColumn && InferInput(table, column) is { } input) columns.Add(input);
        if (columns.Count == 0)
            throw new ArgumentException($"{table}: none of the columns besides \"{target}\" has numbers, or few enough different texts, to predict it from. Is the delimiter right?", nameof(table));
        columns.Add(InferTarget(table, targetColumn, classes));
        return [.. columns];
    }

    private static TableColumn? InferInput(CsvTable table, int column)
    {
        string[] texts = Texts(table, column);
        int different = texts.Distinct().Count();
        bool missing = texts.Length < table.RowCount;
        if (different == 0 || (different == 1 && !missing)) return null;
        if (IsNumeric(table, column)) return new(table.Columns[column], ColumnKind.Number, missing ? MissingValue.Median : MissingValue.Refuse);
        return different > MostCategories ? null : new(table.Columns[column], ColumnKind.OneHot, missing ? MissingValue.MostFrequent : MissingValue.Refuse);
    }

    private static TableColumn InferTarget(CsvTable table, int column, bool? classes)
    {
        bool isClass = classes ?? (!IsNumeric(table, column)
            || (Numbers(table, column).All(double.IsInteger) && Numbers(table, column).Distinct().Count() <= MostClasses));
        return new(table.Columns[column], isClass ? ColumnKind.TargetClass : ColumnKind.ScaledTarget, Texts(table, column).Length < table.RowCount ? MissingValue.DropRow : MissingValue.Refuse);
    }

    private static bool IsNumeric(CsvTable table, int column)
    {
        int? text = null;           // the first row that is no number as the options say
        for (int row = 0; row < table.RowCount; row++)
        {
            if (table.Text(row, column) is null || table.IsNumber(row, column)) continue;
            text ??= row;
            if (!table.IsForeignNumber(row, column)) return false;
        }

        return text is not { } foreign ? true
            : throw new CsvFormatException($"{table.Place(foreign, column)}: expected numbers or texts, found \"{table.Text(foreign, column)}\", and in all of the column numbers, but not as the options say " +
                "that they are written. Set CsvOptions.Numbers, or use CsvOptions.DecimalComma; take out what is between groups of digits. If they are no numbers, list the columns instead of inferring them.");
    }

    private static IEnumerable<double> Numbers(CsvTable table, int column) => Enumerable.Range(0, table.RowCount).Select(row => table.Number(row, column)).OfType<double>();

    private static string[] Texts(CsvTable table, int column) => [.. Enumerable.Range(0, table.RowCount).Select(row => table.Text(row, column)).OfType<string>()];
}
