namespace Gradwright.Data;

/// <summary>
/// A JPEG file is damaged or of a kind that is not read. The message says which file, what was expected, what was found and what to do.
/// </summary>
public sealed class JpegFormatException(string message, Exception? innerException = null) : FormatException(message, innerException);
