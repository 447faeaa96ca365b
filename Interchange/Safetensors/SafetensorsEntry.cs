namespace Gradwright;

/// <summary>What the header of a safetensors file says about a tensor.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DType">The type of its elements.</param>
/// <param name="Shape">The lengths of its dimensions.</param>
/// <param name="Begin">Where its row-major bytes begin, counted from the end of the header.</param>
/// <param name="End">Where they end.</param>
public sealed record SafetensorsEntry(string Name, DType DType, Shape Shape, long Begin, long End);
