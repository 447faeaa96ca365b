namespace Gradwright;

/// <summary>A graph cannot be written as ONNX. The message names the op, its shapes, the reason and a remedy.</summary>
public sealed class OnnxExportException(string message) : NotSupportedException(message);
