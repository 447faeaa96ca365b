namespace Gradwright.Layers;

/// <summary>What layer and RMS normalisation know of the dimensions that they normalise.</summary>
internal sealed class TrailingWeights
{
    private Shape? _shape;

    /// <param name="layer">Whose weights they are.</param>
    /// <param name="shape">The trailing dimensions; null if the last one is to be learnt.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="affine">Whether there are weights.</param>
    public TrailingWeights(string layer, Shape? shape, double epsilon, bool affine)
    {
        Positive.Check(layer, nameof(epsilon), epsilon, "ε keeps a constant row from dividing by 0");
        if (shape is { } known)
        {
            if (known.Rank == 0) throw new ArgumentException($"{layer}: there are no dimensions to normalise over. Give their lengths: new {layer}(768), or new {layer}([3, 32, 32]).");
            foreach (long length in known.Span) Positive.Check(layer, ("features", length));
        }

        (_shape, Epsilon, Affine) = (shape, epsilon, affine);
    }

    public double Epsilon { get; }

    public bool Affine { get; }

    /// <summary>How many trailing dimensions.</summary>
    public int Dimensions => _shape?.Rank ?? 1;

    /// <summary>Takes the last dimension's length from an input, if it is not known yet and weights wait for it.</summary>
    /// <returns>Whether weights are to be made now.</returns>
    public bool Learn(Tensor x)
    {
        if (_shape is not null || !Affine || x.Rank == 0) return false;
        _shape = (long[])[x.Shape[^1]];
        return true;
    }

    public Tensor Create(double value, DType dtype, Accelerator? accelerator = null)
    {
        using TensorScope.Suspension suspension = TensorScope.Suspend();
        Tensor parameter = Tensor.Parameter(_shape!.Value, dtype, accelerator: accelerator);
        parameter.FillInPlace(value);
        return parameter;
    }

    /// <summary>The arguments of the constructor.</summary>
    public string Describe(double usual)
        => $"{(_shape is not { } known ? "?" : known.Rank == 1 ? $"{known[0]}" : $"{known}")}{(Epsilon == usual ? "" : $", epsilon: {Epsilon}")}{(Affine ? "" : ", affine: false")}";
}
