using System.Globalization;
using System.Text;

namespace Gradwright.Data;

/// <summary>How a CSV file is written. The default is RFC 4180 with a header: commas, decimal points, quotes around fields that need them.</summary>
public sealed record CsvOptions
{
    /// <summary>The custom of countries with decimal commas: semicolons between fields, <c>1234,5</c>.</summary>
    public static CsvOptions DecimalComma { get; } = new()
    {
        Delimiter = ";",
        Numbers = NumberFormatInfo.ReadOnly(new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "." }),
    };

    /// <summary>What is between fields.</summary>
    public string Delimiter { get; init; } = ",";

    /// <summary>
    /// How numbers are written: <c>CultureInfo.GetCultureInfo("de-DE").NumberFormat</c>, or one put together by hand. Groups of digits must
    /// not be separated.
    /// </summary>
    public NumberFormatInfo Numbers { get; init; } = NumberFormatInfo.InvariantInfo;

    /// <summary>Whether the first row, after the skipped ones, names the columns. Otherwise they are called "0", "1" … unless they are given names.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>Names instead of the header's, or where there is none.</summary>
    public IReadOnlyList<string>? ColumnNames { get; init; }

    /// <summary>Rows before the header, or before the data, that are something else.</summary>
    public int SkippedRows { get; init; }

    /// <summary>What stands for a missing value; an empty field always does. Spaces around a field do not count.</summary>
    public IReadOnlyList<string> MissingMarks { get; init; } = ["NA", "N/A", "NaN", "null", "?"];

    /// <summary>What to do about rows of another length.</summary>
    public OnRaggedRow OnRagged { get; init; } = OnRaggedRow.Refuse;

    /// <summary>The longest field, in characters: a quote that is never closed is found before it swallows the file.</summary>
    public int MaxFieldLength { get; init; } = 1 << 20;

    /// <summary>How characters are stored. Files that begin with a byte order mark are read as that says.</summary>
    public Encoding Encoding { get; init; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
