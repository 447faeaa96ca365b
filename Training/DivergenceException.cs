namespace Gradwright.Training;

/// <summary>A training has gone astray: the loss, a gradient or a parameter is NaN or infinite. The message says where and what to try.</summary>
public sealed class DivergenceException(string message, Exception? inner = null) : ArithmeticException(message, inner);
