namespace Gradwright.Layers;

/// <summary>
/// A layer of a transformer's encoder (Vaswani et al. 2017): self-attention, then two linear maps with an activation between, each around a residual connection with
/// dropout and layer normalisation. State names are PyTorch's.
/// </summary>
public sealed class TransformerEncoderLayer : Module<TransformerInput, Tensor>
{
    private readonly bool _normFirst;
    private readonly string _description;
    private readonly TransformerActivation _activation;

    [StateName("self_attn")]
    private readonly MultiHeadAttention _selfAttention;
    private readonly Linear _linear1, _linear2;
    private readonly LayerNorm _norm1, _norm2;
    private readonly Dropout _dropout, _dropout1, _dropout2;

    /// <summary>A layer with the given sizes.</summary>
    /// <param name="features">E.</param>
    /// <param name="heads">Number of heads; divides <paramref name="features"/>.</param>
    /// <param name="hidden">Width between the two linear maps.</param>
    /// <param name="dropout">Probability of a zero, in the weights of the attention and behind each part.</param>
    /// <param name="activation">What stands between the linear maps.</param>
    /// <param name="normFirst">Normalise what each part reads (Xiong et al. 2020), instead of the sum behind it.</param>
    /// <param name="epsilon">ε of the normalisations.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public TransformerEncoderLayer(int features, int heads, int hidden = 2048, double dropout = 0.1, TransformerActivation activation = TransformerActivation.ReLU, bool normFirst = false,
        double epsilon = 1e-5, DType dtype = DType.Float32)
    {
        Positive.Check(nameof(TransformerEncoderLayer), (nameof(features), features), (nameof(heads), heads), (nameof(hidden), hidden));
        (_normFirst, _activation) = (normFirst, activation);
        _description = TransformerParts.Describe(features, heads, hidden, dropout, activation, normFirst);
        _selfAttention = new(features, heads, dropout, dtype: dtype);
        (_linear1, _linear2) = (new(features, hidden, dtype: dtype), new(hidden, features, dtype: dtype));
        (_norm1, _norm2) = (new(features, epsilon, dtype: dtype), new(features, epsilon, dtype: dtype));
        (_dropout, _dropout1, _dropout2) = (new(dropout), new(dropout), new(dropout));
    }

    protected override Tensor ForwardCore(TransformerInput input)
    {
        Tensor x = input.X;
        x = TransformerParts.Around(x, _norm1, _normFirst, _dropout1, y => _selfAttention.Forward(input.On(y)));
        return TransformerParts.Around(x, _norm2, _normFirst, _dropout2, y => _linear2.Forward(_dropout.Forward(TransformerParts.Activate(_linear1.Forward(y), _activation))));
    }

    public override string ToString() => $"TransformerEncoderLayer({_description})";
}

/// <summary>What encoder and decoder layers share.</summary>
internal static class TransformerParts
{
    /// <summary>A part with its residual connection, dropout and its normalisation.</summary>
    public static Tensor Around(Tensor x, LayerNorm norm, bool normFirst, Dropout dropout, Func<Tensor, Tensor> part)
        => normFirst ? dropout.AddTo(x, part(norm.Forward(x))) : norm.Forward(dropout.AddTo(x, part(x)));

    public static Tensor Activate(Tensor x, TransformerActivation activation) => activation == TransformerActivation.GELU ? x.Gelu() : x.Relu();

    public static string Describe(int features, int heads, int hidden, double dropout, TransformerActivation activation, bool normFirst)
        => $"{features}, heads: {heads}, hidden: {hidden}{(dropout == 0.1 ? "" : $", dropout: {dropout}")}{(activation == TransformerActivation.ReLU ? "" : $", activation: {activation}")}{(normFirst ? ", normFirst: true" : "")}";
}
