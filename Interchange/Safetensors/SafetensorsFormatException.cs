namespace Gradwright;

/// <summary>A file is not the safetensors file that it should be. The message names the file, the tensor, what was expected and found, and a remedy.</summary>
public sealed class SafetensorsFormatException(string message, Exception? innerException = null) : FormatException(message, innerException);
