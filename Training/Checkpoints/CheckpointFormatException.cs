namespace Gradwright.Training;

/// <summary>A file is no whole and undamaged checkpoint, or has not the value that was asked for. The message says what was expected, what was found and what to do.</summary>
public sealed class CheckpointFormatException(string message, Exception? innerException = null) : FormatException(message, innerException);
