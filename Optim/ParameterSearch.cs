namespace Gradwright.Optim;

/// <summary>Looks for better parameters by trying: no gradients, only the loss. The parameters are always the best that were seen.</summary>
public abstract class ParameterSearch
{
    private readonly ParameterVector _parameters;
    private double? _best;

    private protected ParameterSearch(string owner, IEnumerable<Tensor> parameters, Generator generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        (_parameters, Generator) = (new(owner, parameters), generator);
    }

    /// <summary>Where candidates come from.</summary>
    public Generator Generator { get; }

    /// <summary>The loss of the parameters; infinite before the first step.</summary>
    public double Best => _best ?? double.PositiveInfinity;

    /// <summary>Tries one candidate and keeps the better one. The first call measures the parameters too.</summary>
    /// <param name="loss">Computes the loss; nothing is recorded.</param>
    /// <returns>The loss of what was kept.</returns>
    public double Step(Func<Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        double best = _best ??= _parameters.Measure(loss);
        using FlatVector before = _parameters.Position();
        using (Tape.NoRecord())
        {
            foreach (Tensor parameter in _parameters.Unfrozen)
            {
                using TensorScope scope = new();
                parameter.CopyFrom(Candidate(parameter));
            }
        }

        double value = _parameters.Measure(loss);
        if (value < best) _best = value;
        else _parameters.Assign(before);
        return Best;
    }

    /// <summary>New values for a parameter, of its shape and type, on its accelerator.</summary>
    private protected abstract Tensor Candidate(Tensor parameter);
}
