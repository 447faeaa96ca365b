namespace Gradwright.Data;

/// <summary>An archive or folder of Omniglot holds something else, or is damaged. The message says which file, what was expected, what was found and what to do.</summary>
public sealed class OmniglotFormatException(string message, Exception? innerException = null) : FormatException(message, innerException);
