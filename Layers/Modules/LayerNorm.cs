namespace Gradwright.Layers;

/// <summary>
/// Layer normalisation (Ba et al. 2016): y = γ(x − μ)/√(σ² + ε) + β, with mean and biased variance over the trailing dimensions of each sample. It does the
/// same in training and in evaluation, and does not depend on the batch.
/// </summary>
public sealed class LayerNorm : Module<Tensor, Tensor>
{
    private readonly TrailingWeights _weights;

    /// <summary>Normalises the last dimension.</summary>
    /// <param name="features">Its length.</param>
    /// <param name="epsilon">ε, added to σ².</param>
    /// <param name="affine">Whether γ is there.</param>
    /// <param name="bias">Whether β is there; without γ it is not.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public LayerNorm(int features, double epsilon = 1e-5, bool affine = true, bool bias = true, DType dtype = DType.Float32) : this([features], epsilon, affine, bias, dtype) { }

    /// <summary>Normalises several trailing dimensions together, by their lengths: <c>new LayerNorm([3, 32, 32])</c>.</summary>
    /// <inheritdoc cref="LayerNorm(int, double, bool, bool, DType)" path="/param"/>
    public LayerNorm(Shape shape, double epsilon = 1e-5, bool affine = true, bool bias = true, DType dtype = DType.Float32)
    {
        _weights = new(nameof(LayerNorm), shape, epsilon, affine);
        HasBias = affine && bias;
        if (affine) Create(dtype);
    }

    /// <summary>Normalises the last dimension, whose length and element type are learnt from the first input.</summary>
    /// <inheritdoc cref="LayerNorm(int, double, bool, bool, DType)" path="/param"/>
    public LayerNorm(double epsilon = 1e-5, bool affine = true, bool bias = true)
    {
        _weights = new(nameof(LayerNorm), null, epsilon, affine);
        HasBias = affine && bias;
    }

    /// <summary>γ, of the trailing dimensions' shape, or null.</summary>
    public Tensor? Weight { get; private set; }

    /// <summary>β, or null.</summary>
    public Tensor? Bias { get; private set; }

    private bool HasBias { get; }

    protected internal override bool IsBuilt => !_weights.Affine || Weight is not null;

    protected override Tensor ForwardCore(Tensor x)
    {
        if (_weights.Learn(x))
        {
            Create(x.DType, x.Accelerator);
            ParametersChanged();
        }

        return x.LayerNorm(Weight, Bias, _weights.Dimensions, _weights.Epsilon);
    }

    protected override void Reset(Generator generator)
    {
        Weight?.FillInPlace(1);
        Bias?.FillInPlace(0);
    }

    public override string ToString() => $"LayerNorm({_weights.Describe(1e-5)}{(HasBias || !_weights.Affine ? "" : ", bias: false")})";

    private void Create(DType dtype, Accelerator? accelerator = null)
    {
        Weight = _weights.Create(1, dtype, accelerator);
        Bias = HasBias ? _weights.Create(0, dtype, accelerator) : null;
    }
}
