namespace Gradwright.Training;

/// <summary>A value over the steps of a training.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Steps">Optimizer steps, from 1.</param>
/// <param name="Values">A value for each; a mean where several steps became one point.</param>
public sealed record StepCurve(string Name, IReadOnlyList<double> Steps, IReadOnlyList<double> Values);
