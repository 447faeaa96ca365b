using Gradwright.Kernels;

namespace Gradwright.Layers;

public static partial class Loss
{
    /// <summary>
    /// Σ p (ln p − ln q) along the classes: the divergence of q, given as ln q, from the target p, given as ln p (Kullback and Leibler 1951). A class with p = 0
    /// (ln p = −∞) counts nothing.
    /// </summary>
    /// <remarks>The mean is that of the samples, PyTorch's "batchmean", since its mean over the elements is no divergence.</remarks>
    /// <param name="logProbabilities">ln q, as <c>LogSoftmax</c> makes them.</param>
    /// <param name="logTargets">ln p, of the same shape.</param>
    /// <param name="axis">The dimension of the classes, the last by default.</param>
    /// <param name="reduction">Mean over the samples by default.</param>
    public static Tensor KullbackLeibler(Tensor logProbabilities, Tensor logTargets, int axis = -1, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape(nameof(KullbackLeibler), "log-probabilities", logProbabilities, "log-targets", logTargets);
        long classes = logProbabilities.Shape[axis];
        using TensorScope scope = new();
        Tensor losses = OfElements<DivergenceTerm>(nameof(KullbackLeibler), logProbabilities, logTargets, reduction == Reduction.None ? Reduction.None : Reduction.Sum);
        return TensorScope.Keep(reduction switch
        {
            Reduction.None => losses.Sum(axis),
            Reduction.Mean => losses * (classes / (double)logProbabilities.Count),
            _ => losses,
        });
    }

    /// <summary>
    /// Σ (μ² + σ² − 1 − ln σ²) / 2 over all but the first dimension: the divergence of independent normal distributions from the standard one, in closed form
    /// (Kingma and Welling, "Auto-encoding variational Bayes", 2014).
    /// </summary>
    /// <param name="mean">μ, [n, …].</param>
    /// <param name="logVariance">ln σ², of the same shape.</param>
    /// <param name="reduction">Mean over the samples by default.</param>
    public static Tensor NormalDivergence(Tensor mean, Tensor logVariance, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape(nameof(NormalDivergence), "the mean", mean, "the log-variance", logVariance);
        if (mean.Rank == 0) throw new ShapeException("NormalDivergence: the mean [] must have a dimension of samples. Insert one with Unsqueeze(0).");
        using TensorScope scope = new();
        Tensor losses = OfElements<NormalDivergence>(nameof(NormalDivergence), mean, logVariance, reduction == Reduction.None ? Reduction.None : Reduction.Sum);
        return TensorScope.Keep(reduction switch
        {
            Reduction.None => mean.Rank == 1 ? losses : losses.Sum([.. Enumerable.Range(1, mean.Rank - 1)]),
            Reduction.Mean => losses * (1.0 / mean.Shape[0]),
            _ => losses,
        });
    }

    /// <summary>
    /// What a quantised code costs: (codes − sg[encoded])² pulls the codebook to the encoder, beta (encoded − sg[codes])² commits the encoder to its codes; sg passes no
    /// gradient (van den Oord et al., "Neural discrete representation learning", 2017).
    /// </summary>
    /// <param name="encoded">What the encoder made.</param>
    /// <param name="codes">The nearest codebook entries, of the same shape.</param>
    /// <param name="beta">Weight of the commitment.</param>
    /// <param name="reduction">Mean over the elements by default.</param>
    public static Tensor VectorQuantization(Tensor encoded, Tensor codes, double beta = 0.25, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape(nameof(VectorQuantization), "what is encoded", encoded, "the codes", codes);
        using TensorScope scope = new();
        return TensorScope.Keep(MeanSquaredError(codes, encoded.Detach(), reduction) + beta * MeanSquaredError(encoded, codes.Detach(), reduction));
    }
}
