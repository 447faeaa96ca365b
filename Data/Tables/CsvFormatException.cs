namespace Gradwright.Data;

/// <summary>
/// A CSV file, or a value in it, is not what its reader needs. The message says which file and line, what was expected, what was found and what to do.
/// </summary>
public sealed class CsvFormatException(string message, Exception? innerException = null) : FormatException(message, innerException);
