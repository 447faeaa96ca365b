namespace Gradwright.Optim;

/// <summary>Candidates are the best parameters so far plus normal noise: random local search.</summary>
public sealed class LocalSearch : ParameterSearch
{
    /// <summary>A search over all elements of these parameters.</summary>
    /// <param name="parameters">What to change, from where they are.</param>
    /// <param name="generator">Where the noise comes from.</param>
    /// <param name="deviation">Its standard deviation.</param>
    public LocalSearch(IEnumerable<Tensor> parameters, Generator generator, double deviation = 0.1) : base(nameof(LocalSearch), parameters, generator) => Deviation = deviation;

    /// <summary>The noise's standard deviation; may change during the search.</summary>
    public double Deviation
    {
        get;
        set => field = Require.Positive(value, nameof(LocalSearch), nameof(Deviation), "A tenth of the parameters' size is a start.");
    }

    private protected override Tensor Candidate(Tensor parameter)
        => parameter.Detach() + (Tensor.Normal(parameter.Shape, Generator, dtype: parameter.DType) * Deviation).To(parameter.Accelerator);
}
