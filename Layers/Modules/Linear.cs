namespace Gradwright.Layers;

/// <summary>The affine map y = x · Wᵀ + b: [.., inputs] → [.., outputs].</summary>
public sealed class Linear : Module<Tensor, Tensor>
{
    private readonly int _outputs;
    private readonly bool _hasBias;
    private int _inputs;
    private Generator? _generator;

    /// <summary>An affine map between known sizes.</summary>
    /// <param name="inputs">Length of the last dimension of x.</param>
    /// <param name="outputs">Length of the last dimension of y.</param>
    /// <param name="bias">Whether b is there.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public Linear(int inputs, int outputs, bool bias = true, DType dtype = DType.Float32)
    {
        Positive.Check(nameof(Linear), (nameof(inputs), inputs), (nameof(outputs), outputs));
        (_inputs, _outputs, _hasBias) = (inputs, outputs, bias);
        Create(dtype);
    }

    /// <summary>An affine map that learns the number of inputs, and the element type, from the first one.</summary>
    public Linear(int outputs, bool bias = true)
    {
        Positive.Check(nameof(Linear), (nameof(outputs), outputs));
        (_outputs, _hasBias) = (outputs, bias);
    }

    /// <summary>W, [outputs, inputs].</summary>
    public Tensor Weight { get; private set; } = null!;

    /// <summary>b, [outputs], or null.</summary>
    public Tensor? Bias { get; private set; }

    /// <summary>How W starts; by default uniform in ±1/√inputs.</summary>
    public Initializer WeightInit { get; init; } = Init.KaimingUniform(slope: Math.Sqrt(5));

    /// <summary>How b starts; by default uniform in ±1/√inputs.</summary>
    public Initializer? BiasInit { get; init; }

    protected internal override bool IsBuilt => Weight is not null;

    protected override Tensor ForwardCore(Tensor x)
    {
        if (x.Rank == 0) throw new ShapeException("Linear: a scalar has no last dimension to map. Reshape it to [1].");
        if (!IsBuilt) Infer(x);
        return x.Rank == 1 ? x.Unsqueeze(0).MatMul(Weight.Transpose(), Bias).Squeeze(0) : x.MatMul(Weight.Transpose(), Bias);
    }

    protected override void Reset(Generator generator)
    {
        _generator = generator;
        if (Weight is null) return;
        WeightInit.Fill(Weight, generator.Fork(nameof(Weight)));
        if (Bias is not null) (BiasInit ?? Init.Uniform(1 / Math.Sqrt(_inputs))).Fill(Bias, generator.Fork(nameof(Bias)));
    }

    public override string ToString() => $"Linear({(_inputs == 0 ? "?" : _inputs)} → {_outputs}{(_hasBias ? "" : ", bias: false")})";

    private void Create(DType dtype, Accelerator? accelerator = null)
    {
        Weight = Tensor.Parameter([_outputs, _inputs], dtype, accelerator: accelerator);
        Bias = _hasBias ? Tensor.Parameter([_outputs], dtype, accelerator: accelerator) : null;
    }

    private void Infer(Tensor x)
    {
        _inputs = checked((int)x.Shape[^1]);
        Create(x.DType, x.Accelerator);
        Reset(_generator!);
        ParametersChanged();
    }
}
