namespace Gradwright.Layers;

/// <summary>
/// A layer of a transformer's decoder (Vaswani et al. 2017): causal self-attention, attention to the encoder's memory, then two linear maps with an activation between,
/// each around a residual connection with dropout and layer normalisation. State names are PyTorch's.
/// </summary>
public sealed class TransformerDecoderLayer : Module<DecoderInput, Tensor>
{
    private readonly bool _normFirst;
    private readonly string _description;
    private readonly TransformerActivation _activation;

    [StateName("self_attn")]
    private readonly MultiHeadAttention _selfAttention;
    [StateName("multihead_attn")]
    private readonly MultiHeadAttention _memoryAttention;
    private readonly Linear _linear1, _linear2;
    private readonly LayerNorm _norm1, _norm2, _norm3;
    private readonly Dropout _dropout, _dropout1, _dropout2, _dropout3;

    /// <inheritdoc cref="TransformerEncoderLayer(int, int, int, double, TransformerActivation, bool, double, DType)"/>
    public TransformerDecoderLayer(int features, int heads, int hidden = 2048, double dropout = 0.1, TransformerActivation activation = TransformerActivation.ReLU, bool normFirst = false,
        double epsilon = 1e-5, DType dtype = DType.Float32)
    {
        Positive.Check(nameof(TransformerDecoderLayer), (nameof(features), features), (nameof(heads), heads), (nameof(hidden), hidden));
        (_normFirst, _activation) = (normFirst, activation);
        _description = TransformerParts.Describe(features, heads, hidden, dropout, activation, normFirst);
        (_selfAttention, _memoryAttention) = (new(features, heads, dropout, dtype: dtype), new(features, heads, dropout, dtype: dtype));
        (_linear1, _linear2) = (new(features, hidden, dtype: dtype), new(hidden, features, dtype: dtype));
        (_norm1, _norm2, _norm3) = (new(features, epsilon, dtype: dtype), new(features, epsilon, dtype: dtype), new(features, epsilon, dtype: dtype));
        (_dropout, _dropout1, _dropout2, _dropout3) = (new(dropout), new(dropout), new(dropout), new(dropout));
    }

    protected override Tensor ForwardCore(DecoderInput input)
    {
        Tensor x = input.X;
        x = TransformerParts.Around(x, _norm1, _normFirst, _dropout1, y => _selfAttention.Forward(input.OnItself(y)));
        x = TransformerParts.Around(x, _norm2, _normFirst, _dropout2, y => _memoryAttention.Forward(input.OnMemory(y)));
        return TransformerParts.Around(x, _norm3, _normFirst, _dropout3, y => _linear2.Forward(_dropout.Forward(TransformerParts.Activate(_linear1.Forward(y), _activation))));
    }

    public override string ToString() => $"TransformerDecoderLayer({_description})";
}
