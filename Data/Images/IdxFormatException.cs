namespace Gradwright.Data;

/// <summary>
/// An idx file, or a set of them, is not what its reader needs. The message says which file, what was expected, what was found and what to do.
/// </summary>
public sealed class IdxFormatException(string message, Exception? innerException = null) : FormatException(message, innerException);
