namespace Gradwright.Data;

/// <summary>A list of pictures has a line that is none, a label that is wrong, or a path that leads out of the folder. The message names the file and the line.</summary>
public sealed class ImageListException(string message, Exception? innerException = null) : FormatException(message, innerException);
