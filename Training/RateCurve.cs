namespace Gradwright.Training;

/// <summary>What <see cref="RateFinder"/> saw.</summary>
/// <param name="Rates">The rates that were tried, ascending.</param>
/// <param name="Losses">The smoothed loss before the step at each rate.</param>
/// <param name="Suggested">The rate at which the loss falls most steeply along the logarithm of the rate.</param>
public sealed record RateCurve(IReadOnlyList<double> Rates, IReadOnlyList<double> Losses, double Suggested);
