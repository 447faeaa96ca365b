namespace Gradwright.Examples.CriticalPoints;

/// <summary>A loss of two weights, with a point where its gradient is zero.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Formula">How it is written.</param>
/// <param name="Point">Where the gradient is zero.</param>
/// <param name="Value">The loss of weights u and v.</param>
/// <param name="IsBounded">Whether gradient descent arrives somewhere.</param>
internal sealed record Landscape(string Name, string Formula, (double U, double V) Point, Func<Tensor, Tensor, Tensor> Value, bool IsBounded = true)
{
    public static IReadOnlyList<Landscape> All { get; } =
    [
        new("bowl", "u² + 3v²", (0, 0), (u, v) => u * u + 3 * v * v),
        new("hill", "−u² − v²/2", (0, 0), (u, v) => -(u * u) - v * v * 0.5, IsBounded: false),
        new("saddle", "u² − v²", (0, 0), (u, v) => u * u - v * v, IsBounded: false),
        new("two layers", "(1 − uv)²", (0, 0), (u, v) => (1 - u * v).Square()),      // a network y = u · v · x with one sample, x = y = 1
        new("Rosenbrock", "(1 − u)² + 10(v − u²)²", (1, 1), (u, v) => (1 - u).Square() + 10 * (v - u * u).Square()),
    ];
}
