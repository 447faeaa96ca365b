namespace Gradwright.Layers;

/// <summary>
/// An affine map whose weights, rather than inputs, are dropped in training (Wan et al. 2013): y = x · (M ∘ W)ᵀ/(1 − rate) + b with a new mask M for each
/// batch. Evaluation uses W itself, the mean of what training uses.
/// </summary>
/// <param name="inputs">Length of the last dimension of x.</param>
/// <param name="outputs">Length of the last dimension of y.</param>
/// <param name="rate">Probability of a weight being dropped, 0 ≤ rate &lt; 1.</param>
/// <param name="bias">Whether b is there; it is not dropped.</param>
/// <param name="dtype">The type of the parameters.</param>
public sealed class DropConnect(int inputs, int outputs, double rate = 0.5, bool bias = true, DType dtype = DType.Float32) : Module<Tensor, Tensor>
{
    private readonly double _rate = DropRate.Check(nameof(DropConnect), rate);

    [StateName("")]
    private readonly Linear _linear = new(inputs, outputs, bias, dtype);

    private Generator _generator = new();

    /// <summary>W, [outputs, inputs].</summary>
    public Tensor Weight => _linear.Weight;

    /// <summary>b, [outputs], or null.</summary>
    public Tensor? Bias => _linear.Bias;

    protected override Tensor ForwardCore(Tensor x)
    {
        if (!IsTraining || _rate == 0) return _linear.Forward(x);
        if (x.Rank < 2) throw new ShapeException($"DropConnect: x {x.Shape} must be [.., {inputs}] with at least two dimensions. Add one with Unsqueeze.");
        return x.MatMul(Weight.Dropout(_rate, _generator).Transpose(), Bias);
    }

    protected override void Reset(Generator generator) => _generator = generator.Fork("mask");
    public override string ToString() => $"DropConnect({inputs} → {outputs}, {_rate}{(bias ? "" : ", bias: false")})";
}
