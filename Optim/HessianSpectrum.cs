namespace Gradwright.Optim;

/// <summary>The eigenvalues of a Hessian and the directions that belong to them.</summary>
/// <param name="Values">Ascending: the curvatures.</param>
/// <param name="Vectors">The unit vectors of these curvatures, each over all parameters' elements in order.</param>
public sealed record HessianSpectrum(IReadOnlyList<double> Values, IReadOnlyList<double[]> Vectors);
