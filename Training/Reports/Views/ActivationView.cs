namespace Gradwright.Training;

/// <summary>The results of a layer.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Layer">What it is.</param>
/// <param name="Values">Its results for some samples.</param>
/// <param name="Zeros">The share of zeros among them.</param>
/// <param name="Units">Its features or channels.</param>
/// <param name="Dead">Of a rectifier: units that were zero for every sample; null for other layers.</param>
/// <param name="Saturated">Of a sigmoid or hyperbolic tangent: the share of results that are so near to the end of the range that hardly any gradient passes; null for other layers.</param>
public sealed record ActivationView(string Name, string Layer, TensorHistogram Values, double Zeros, long Units, long? Dead, double? Saturated);
