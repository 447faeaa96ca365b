namespace Gradwright.Training;

/// <summary>A parameter.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Values">Its elements after the epoch.</param>
/// <param name="Gradients">Those of the epoch's last step, after clipping; null where it had no gradient.</param>
public sealed record ParameterView(string Name, string Shape, TensorHistogram Values, TensorHistogram? Gradients);
