namespace Gradwright.Data;

/// <summary>A file of CIFAR records is not what its reader needs. The message says which file, what was expected, what was found and what to do.</summary>
public sealed class CifarFormatException(string message, Exception? innerException = null) : FormatException(message, innerException);
