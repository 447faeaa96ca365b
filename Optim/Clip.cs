using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>Limits gradients between the backward pass and the optimizer's step. Changes them in place; parameters that are frozen or have none are passed over.</summary>
public static class Clip
{
    // Keeps a norm that is equal to the limit up to rounding from being scaled, and 0/0 away.
    private const double Slack = 1e-6;

    /// <summary>√Σ g² over all gradients, as if they were one vector. The bits do not depend on the number of threads.</summary>
    public static double Norm(IEnumerable<Tensor> parameters) => GradientKernels.Norm(Gradients(Find(parameters)));

    /// <summary>
    /// Scales all gradients by one factor, maxNorm / (norm + 10⁻⁶), if that is below 1 (Pascanu et al., 2013): the direction stays.
    /// </summary>
    /// <param name="parameters">Whose gradients.</param>
    /// <param name="maxNorm">The largest norm, positive; infinity only measures.</param>
    /// <param name="throwIfNotFinite">Whether a NaN or infinite norm is an error; if not, it is returned and the gradients stay as they are.</param>
    /// <returns>The norm before clipping.</returns>
    /// <exception cref="ArithmeticException">The norm is not finite; the message names the first such gradient.</exception>
    public static double ByNorm(IEnumerable<Tensor> parameters, double maxNorm, bool throwIfNotFinite = true)
    {
        if (!(maxNorm > 0)) throw new ArgumentOutOfRangeException(nameof(maxNorm), maxNorm, $"Clip.ByNorm: maxNorm must be positive, but is {maxNorm}. 1 and 5 are common.");
        Tensor[] found = Find(parameters);
        double norm = 0;
        OpListener.Run(Gradients(found), gradients =>
        {
            norm = GradientKernels.Norm(gradients);
            if (!double.IsFinite(norm))
            {
                if (throwIfNotFinite) throw NotFinite(norm, found, gradients);
                return;
            }

            double factor = maxNorm / (norm + Slack);
            if (factor < 1) GradientKernels.Scale(gradients, factor);
        });
        return norm;
    }

    /// <summary>Cuts every element of every gradient to −limit … limit; a NaN stays.</summary>
    public static void ByValue(IEnumerable<Tensor> parameters, double limit)
    {
        Require.Positive(limit, "Clip.ByValue", nameof(limit), "1 and 5 are common.");
        OpListener.Run(Gradients(Find(parameters)), gradients => GradientKernels.Clamp(gradients, limit));
    }

    private static Tensor[] Gradients(Tensor[] parameters) => Array.ConvertAll(parameters, parameter => parameter.Grad!);

    /// <summary>The parameters that have gradients.</summary>
    private static Tensor[] Find(IEnumerable<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        List<Tensor> found = [];
        HashSet<Tensor> seen = new(ReferenceEqualityComparer.Instance);     // a shared parameter may be listed twice, but counts once
        foreach (Tensor parameter in parameters)
            if (seen.Add(parameter) && !parameter.IsFrozen && parameter.Grad is not null) found.Add(parameter);
        return [.. found];
    }

    private static ArithmeticException NotFinite(double norm, Tensor[] parameters, Tensor[] gradients)
    {
        int first = Array.FindIndex(gradients, gradient => !double.IsFinite(GradientKernels.Norm([gradient])));
        string where = first < 0 ? "" : $" The first one is that of parameter {first}, {parameters[first].Describe()}.";
        return new($"Clip.ByNorm: the norm of the gradients is {norm}: a gradient is not finite.{where} Lower the learning rate, look for the op with Anomaly.Detect(), "
            + "or pass throwIfNotFinite: false and skip the step.");
    }
}
