using System.Globalization;
using Gradwright.Optim;

namespace Gradwright.Examples.CriticalPoints;

/// <summary>
/// Judges the critical point of each <see cref="Landscape"/>: where no slope tells which way to go, the eigenvalues of the Hessian do. A saddle is left along
/// the direction of its most negative curvature, from where gradient descent goes on.
/// </summary>
internal sealed class CriticalPointsRun(TextWriter output)
{
    private const int Steps = 500;
    private const double Rate = 0.02;

    /// <param name="distance">How far to step away from a saddle.</param>
    /// <returns>The exit code.</returns>
    public int Run(double distance)
    {
        output.WriteLine("The gradient is zero at each of these points. The curvatures (eigenvalues of the Hessian) tell what they are.");
        output.WriteLine();
        foreach (Landscape landscape in Landscape.All) Show(landscape, distance);
        return 0;
    }

    private void Show(Landscape landscape, double distance)
    {
        (double u, double v) = landscape.Point;
        using Tensor weights = Tensor.Parameter([u, v], [2], landscape.Name);
        Tensor Loss() => landscape.Value(weights[0], weights[1]);
        CriticalPoint point = CriticalPoint.Find(Loss, [weights]);
        output.WriteLine($"{landscape.Name}: {landscape.Formula}");
        output.WriteLine($"  at {Place(weights)}: loss {Number(point.Loss)}, gradient {Number(point.GradientNorm)}, curvatures {string.Join(" and ", point.Spectrum.Values.Select(Number))}: {Describe(point.Kind)}");
        if (point.Kind == CriticalPointKind.Saddle)
        {
            double left = point.Leave(distance);
            output.WriteLine($"  a step of {Number(distance)} along ({string.Join(", ", point.Spectrum.Vectors[0].Select(Number))}) or against it leads to {Place(weights)}: loss {Number(left)}");
            if (landscape.IsBounded) Descend(weights, Loss);
        }

        output.WriteLine();
    }

    private void Descend(Tensor weights, Func<Tensor> loss)
    {
        using Sgd optimizer = new([weights], Rate);
        for (int step = 0; step < Steps; step++)
        {
            using (Tape tape = new()) tape.Backward(loss());
            optimizer.Step();
            optimizer.ZeroGrad();
        }

        CriticalPoint end = CriticalPoint.Find(loss, [weights]);
        output.WriteLine($"  {Steps} steps of gradient descent from there: {Place(weights)}, loss {Number(end.Loss)}, curvatures {string.Join(" and ", end.Spectrum.Values.Select(Number))}: {Describe(end.Kind)}");
    }

    private static string Describe(CriticalPointKind kind) => kind switch
    {
        CriticalPointKind.Minimum => "a minimum",
        CriticalPointKind.Maximum => "a maximum",
        CriticalPointKind.Saddle => "a saddle",
        CriticalPointKind.Flat => "flat in some direction",
        _ => "no critical point",
    };

    private static string Place(Tensor weights) => $"({string.Join(", ", weights.ToArray<double>().Select(Number))})";

    // Zeros without a sign, and no rests of rounding.
    private static string Number(double value) => (Math.Round(value, 4) + 0.0).ToString("0.####", CultureInfo.InvariantCulture);
}
