using MathNet.Numerics.LinearAlgebra;

namespace Gradwright.Optim;

/// <summary>
/// Newton's method for small problems: x ← x − α(H + δI)⁻¹g with the whole Hessian H. Reaches the minimum of a quadratic in one step; near other minima the
/// number of right digits doubles with each step. Goes to the nearest critical point, which may be a saddle: δ above the most negative curvature keeps it descending.
/// </summary>
public sealed class Newton
{
    private readonly ParameterVector _parameters;
    private readonly double _rate, _damping;

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize; no more than a few thousand elements in all. Frozen ones stay.</param>
    /// <param name="learningRate">α; 1 is Newton's step.</param>
    /// <param name="damping">δ, added to every curvature (Levenberg, 1944).</param>
    public Newton(IEnumerable<Tensor> parameters, double learningRate = 1, double damping = 0)
    {
        _parameters = new(nameof(Newton), parameters);
        _rate = Require.Positive(learningRate, nameof(Newton), nameof(learningRate), "1 is Newton's step.");
        _damping = Require.NotNegative(damping, nameof(Newton), nameof(damping), "0 is Newton's step; larger values lead towards gradient descent.");
    }

    /// <summary>One step.</summary>
    /// <param name="loss">Computes the loss; a tape is open around it.</param>
    /// <returns>The loss before the step.</returns>
    /// <exception cref="ArithmeticException">The Hessian cannot be inverted. Nothing has been changed.</exception>
    public double Step(Func<Tensor> loss)
    {
        (double value, double[] gradient, double[,] hessian) = Hessian.Differentiate(loss, _parameters.Unfrozen);
        for (int i = 0; i < gradient.Length; i++) hessian[i, i] += _damping;
        double[] step = Matrix<double>.Build.DenseOfArray(hessian).LU().Solve(Vector<double>.Build.Dense(gradient)).ToArray();
        if (!Array.TrueForAll(step, double.IsFinite))
            throw new ArithmeticException("Newton: the Hessian has no inverse: in some direction the loss is not curved. Give a damping, for example 1e-3.");
        _parameters.Move(step, -_rate);
        return value;
    }

    public override string ToString() => $"Newton({_rate}, damping: {_damping})";
}
