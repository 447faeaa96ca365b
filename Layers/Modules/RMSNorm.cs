namespace Gradwright.Layers;

/// <summary>
/// Normalisation by the root mean square (Zhang and Sennrich 2019): y = γ x/√(mean of x² + ε) over the trailing dimensions of each sample. No mean is taken
/// off, so there is no shift.
/// </summary>
public sealed class RMSNorm : Module<Tensor, Tensor>
{
    private readonly TrailingWeights _weights;

    /// <summary>Normalises the last dimension.</summary>
    /// <param name="features">Its length.</param>
    /// <param name="epsilon">ε, added to the mean square.</param>
    /// <param name="affine">Whether γ is there.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public RMSNorm(int features, double epsilon = 1e-6, bool affine = true, DType dtype = DType.Float32) : this([features], epsilon, affine, dtype) { }

    /// <summary>Normalises several trailing dimensions together, by their lengths: <c>new RMSNorm([3, 32, 32])</c>.</summary>
    /// <inheritdoc cref="RMSNorm(int, double, bool, DType)" path="/param"/>
    public RMSNorm(Shape shape, double epsilon = 1e-6, bool affine = true, DType dtype = DType.Float32)
    {
        _weights = new(nameof(RMSNorm), shape, epsilon, affine);
        if (affine) Weight = _weights.Create(1, dtype);
    }

    /// <summary>Normalises the last dimension, whose length and element type are learnt from the first input.</summary>
    /// <inheritdoc cref="RMSNorm(int, double, bool, DType)" path="/param"/>
    public RMSNorm(double epsilon = 1e-6, bool affine = true) => _weights = new(nameof(RMSNorm), null, epsilon, affine);

    /// <summary>γ, of the trailing dimensions' shape, or null.</summary>
    public Tensor? Weight { get; private set; }

    protected internal override bool IsBuilt => !_weights.Affine || Weight is not null;

    protected override Tensor ForwardCore(Tensor x)
    {
        if (_weights.Learn(x))
        {
            Weight = _weights.Create(1, x.DType, x.Accelerator);
            ParametersChanged();
        }

        return x.RmsNorm(Weight, _weights.Dimensions, _weights.Epsilon);
    }

    protected override void Reset(Generator generator) => Weight?.FillInPlace(1);

    public override string ToString() => $"RMSNorm({_weights.Describe(1e-6)})";
}
