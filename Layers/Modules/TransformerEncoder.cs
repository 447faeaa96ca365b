namespace Gradwright.Layers;

/// <summary>Layers of a transformer's encoder one after the other, perhaps with a normalisation behind the last, which layers with <c>normFirst</c> need. State names are PyTorch's: <c>layers.0…</c>, <c>norm</c>.</summary>
public sealed class TransformerEncoder : Module<TransformerInput, Tensor>
{
    private readonly List<TransformerEncoderLayer> _layers;
    private readonly LayerNorm? _norm;

    /// <summary>Stacks given layers.</summary>
    /// <param name="layers">At least one.</param>
    /// <param name="norm">What normalises the result, or null.</param>
    public TransformerEncoder(IEnumerable<TransformerEncoderLayer> layers, LayerNorm? norm = null)
    {
        (_layers, _norm) = ([.. layers], norm);
        if (_layers.Count == 0) throw new ArgumentException("TransformerEncoder: there is no layer.", nameof(layers));
    }

    /// <summary>Stacks equal layers; with <paramref name="normFirst"/> a normalisation follows.</summary>
    /// <param name="count">Number of layers.</param>
    /// <inheritdoc cref="TransformerEncoderLayer(int, int, int, double, TransformerActivation, bool, double, DType)" path="/param"/>
    public TransformerEncoder(int count, int features, int heads, int hidden = 2048, double dropout = 0.1, TransformerActivation activation = TransformerActivation.ReLU, bool normFirst = false,
        double epsilon = 1e-5, DType dtype = DType.Float32)
        : this(Enumerable.Range(0, count).Select(_ => new TransformerEncoderLayer(features, heads, hidden, dropout, activation, normFirst, epsilon, dtype)),
            normFirst ? new LayerNorm(features, epsilon, dtype: dtype) : null) { }

    protected override Tensor ForwardCore(TransformerInput input)
    {
        Tensor x = input.X;
        foreach (TransformerEncoderLayer layer in _layers) x = layer.Forward(input with { X = x });
        return _norm is null ? x : _norm.Forward(x);
    }

    public override string ToString() => $"TransformerEncoder({_layers.Count} × {_layers[0]}{(_norm is null ? "" : ", with norm")})";
}
