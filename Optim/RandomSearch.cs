namespace Gradwright.Optim;

/// <summary>Candidates are drawn anew each time, uniformly from a range: the simplest search, and the yardstick of all others.</summary>
public sealed class RandomSearch : ParameterSearch
{
    private readonly double _low, _high;

    /// <summary>A search over all elements of these parameters.</summary>
    public RandomSearch(IEnumerable<Tensor> parameters, Generator generator, double low = -1, double high = 1) : base(nameof(RandomSearch), parameters, generator)
    {
        if (!(low < high)) throw new ArgumentOutOfRangeException(nameof(high), high, $"RandomSearch: the range {low} to {high} is empty.");
        (_low, _high) = (low, high);
    }

    private protected override Tensor Candidate(Tensor parameter)
        => (Tensor.Uniform(parameter.Shape, Generator, dtype: parameter.DType) * (_high - _low) + _low).To(parameter.Accelerator);
}
