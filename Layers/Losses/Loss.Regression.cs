using Gradwright.Kernels;

namespace Gradwright.Layers;

public static partial class Loss
{
    /// <summary>(prediction − target)², of equal shapes.</summary>
    /// <exception cref="ShapeException">The shapes differ: broadcasting here hides mistakes.</exception>
    public static Tensor MeanSquaredError(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
        => OfElements<SquaredError>(nameof(MeanSquaredError), prediction, target, reduction);

    /// <summary>|prediction − target|, of equal shapes; also called L1. The slope at 0 is taken as 0.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor MeanAbsoluteError(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
        => OfElements<AbsoluteError>(nameof(MeanAbsoluteError), prediction, target, reduction);

    /// <summary>
    /// With d = prediction − target: d²/2 up to |d| = delta, beyond that delta (|d| − delta/2) (Huber, "Robust estimation of a location parameter", 1964).
    /// </summary>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The same shape.</param>
    /// <param name="delta">Where the parabola becomes a line.</param>
    /// <param name="reduction">Mean over the elements by default.</param>
    /// <exception cref="ArgumentException"><paramref name="delta"/> is not positive.</exception>
    public static Tensor Huber(Tensor prediction, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean)
    {
        RequirePositive(nameof(Huber), nameof(delta), delta);
        return OfElements<HuberError>(nameof(Huber), prediction, target, reduction, delta);
    }

    /// <summary>
    /// d²/(2 beta) up to |d| = beta, beyond that |d| − beta/2: <see cref="Huber"/> over beta, whose slope far out is ±1 (Girshick, "Fast R-CNN", 2015).
    /// With beta = 0 it is <see cref="MeanAbsoluteError"/>.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="beta"/> is negative.</exception>
    public static Tensor SmoothL1(Tensor prediction, Tensor target, double beta = 1, Reduction reduction = Reduction.Mean)
    {
        if (!(beta >= 0)) throw new ArgumentException($"SmoothL1: beta is {beta}, but must not be negative.");
        if (beta == 0) return OfElements<AbsoluteError>(nameof(SmoothL1), prediction, target, reduction);
        using TensorScope scope = new();
        return TensorScope.Keep(OfElements<HuberError>(nameof(SmoothL1), prediction, target, reduction, beta) * (1 / beta));
    }

    /// <summary>max(0, |prediction − target| − epsilon), or its square: the loss of support vector regression (Vapnik, "The nature of statistical learning theory", 1995).</summary>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The same shape.</param>
    /// <param name="epsilon">Errors up to this cost nothing.</param>
    /// <param name="squared">Whether the excess is squared.</param>
    /// <param name="reduction">Mean over the elements by default.</param>
    public static Tensor EpsilonInsensitive(Tensor prediction, Tensor target, double epsilon = 0.1, bool squared = false, Reduction reduction = Reduction.Mean)
    {
        if (!(epsilon >= 0)) throw new ArgumentException($"EpsilonInsensitive: epsilon is {epsilon}, but must not be negative.");
        return squared
            ? OfElements<SquaredInsensitiveError>(nameof(EpsilonInsensitive), prediction, target, reduction, epsilon)
            : OfElements<InsensitiveError>(nameof(EpsilonInsensitive), prediction, target, reduction, epsilon);
    }

    /// <summary>(ln v + (prediction − target)² / v) / 2 for a predicted variance v &gt; 0 of each element: −ln of the normal density, but for a constant (Nix and Weigend 1994).</summary>
    public static Tensor GaussianNegativeLogLikelihood(Tensor prediction, Tensor target, Tensor variance, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape(nameof(GaussianNegativeLogLikelihood), "the prediction", prediction, "the target", target);
        RequireSameShape(nameof(GaussianNegativeLogLikelihood), "the prediction", prediction, "the variance", variance);
        using TensorScope scope = new();
        return TensorScope.Keep(Reduce(0.5 * (variance.Log() + (prediction - target).Square() / variance), reduction));
    }
}
