namespace Gradwright.Data;

/// <summary>
/// A file that keeps what was learned from data (a table's encoder, a vocabulary, merges) is damaged or another one. The message says which and why.
/// </summary>
public sealed class FittedFileException(string message, Exception? innerException = null) : FormatException(message, innerException);
