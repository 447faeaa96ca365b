namespace Gradwright.Optim;

/// <summary>The place where a loss has no slope, or what is there instead: judged by the gradient and by the eigenvalues of the Hessian.</summary>
/// <example><code>
/// CriticalPoint point = CriticalPoint.Find(() => Loss.MeanSquaredError(model.Forward(x), y), model.Parameters());
/// if (point.Kind == CriticalPointKind.Saddle) point.Leave(distance: 0.1);
/// </code></example>
public sealed class CriticalPoint
{
    private readonly Func<Tensor> _loss;
    private readonly ParameterVector _parameters;

    private CriticalPoint(Func<Tensor> loss, ParameterVector parameters, double value, double[] gradient, HessianSpectrum spectrum, double gradientTolerance, double curvatureTolerance)
    {
        (_loss, _parameters, Loss, Spectrum) = (loss, parameters, value, spectrum);
        GradientNorm = Math.Sqrt(gradient.Sum(g => g * g));
        double zero = curvatureTolerance * spectrum.Values.Max(Math.Abs);
        NegativeCurvatures = spectrum.Values.Count(v => v < -zero);
        int positive = spectrum.Values.Count(v => v > zero), all = spectrum.Values.Count;
        Kind = !(GradientNorm <= gradientTolerance) ? CriticalPointKind.None
            : NegativeCurvatures > 0 && positive > 0 ? CriticalPointKind.Saddle
            : positive == all ? CriticalPointKind.Minimum
            : NegativeCurvatures == all ? CriticalPointKind.Maximum : CriticalPointKind.Flat;
    }

    /// <summary>What kind of point it is.</summary>
    public CriticalPointKind Kind { get; }

    /// <summary>The loss there.</summary>
    public double Loss { get; }

    /// <summary>‖∇loss‖ there.</summary>
    public double GradientNorm { get; }

    /// <summary>The index: in how many directions the loss falls away.</summary>
    public int NegativeCurvatures { get; }

    /// <summary>The curvatures.</summary>
    public HessianSpectrum Spectrum { get; }

    /// <summary>Judges the place where the parameters are. Meant for small problems: the whole Hessian is computed.</summary>
    /// <param name="loss">Computes the loss; a tape is open around it.</param>
    /// <param name="parameters">The parameters; frozen ones count as constants.</param>
    /// <param name="gradientTolerance">The gradient counts as zero up to this norm.</param>
    /// <param name="curvatureTolerance">A curvature counts as zero up to this share of the largest.</param>
    public static CriticalPoint Find(Func<Tensor> loss, IEnumerable<Tensor> parameters, double gradientTolerance = 1e-6, double curvatureTolerance = 1e-9)
    {
        Require.NotNegative(gradientTolerance, nameof(CriticalPoint), nameof(gradientTolerance), "The usual value is 1e-6.");
        Require.NotNegative(curvatureTolerance, nameof(CriticalPoint), nameof(curvatureTolerance), "The usual value is 1e-9.");
        ParameterVector vector = new(nameof(CriticalPoint), parameters);
        (double value, double[] gradient, double[,] hessian) = Hessian.Differentiate(loss, vector.Unfrozen);
        return new(loss, vector, value, gradient, Hessian.Spectrum(hessian), gradientTolerance, curvatureTolerance);
    }

    /// <summary>Moves the parameters by <paramref name="distance"/> along the direction of the most negative curvature, to the side where the loss is lower.</summary>
    /// <returns>The loss there.</returns>
    /// <exception cref="InvalidOperationException">No curvature is negative: the loss falls in no direction.</exception>
    public double Leave(double distance = 1e-2)
    {
        Require.Positive(distance, nameof(CriticalPoint), nameof(distance), "It is a length in the space of the parameters; 0.01 is a start.");
        if (NegativeCurvatures == 0)
            throw new InvalidOperationException($"CriticalPoint.Leave: the smallest curvature is {Spectrum.Values[0]:G4}, so the loss falls in no direction. Only saddles and maxima can be left.");
        double[] vector = Spectrum.Vectors[0];
        _parameters.Move(vector, distance);
        double ahead = _parameters.Measure(_loss);
        _parameters.Move(vector, -2 * distance);
        double behind = _parameters.Measure(_loss);
        if (!(ahead < behind)) return behind;
        _parameters.Move(vector, 2 * distance);
        return ahead;
    }
}
