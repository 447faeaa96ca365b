namespace Gradwright.Models;

/// <summary>
/// A transformer over text (Vaswani et al. 2017): embeddings of characters and positions, encoder layers, and a linear map to scores for each position.
/// Int64 [n, t] → [n, t, vocabulary].
/// </summary>
public sealed class TextTransformer : Module<Tensor, Tensor>
{
    private readonly Embedding _embedding;
    private readonly LearntPositions _positions;
    private readonly TransformerEncoder _encoder;
    private readonly Linear _head;
    private readonly bool _causal;
    private readonly string _text;

    /// <summary>A network of these sizes.</summary>
    /// <param name="vocabulary">Number of different characters.</param>
    /// <param name="length">The longest text.</param>
    /// <param name="features">Numbers that stand for a character.</param>
    /// <param name="heads">Heads of the attention; divides <paramref name="features"/>.</param>
    /// <param name="hidden">Width between the two linear maps of a layer.</param>
    /// <param name="layers">Encoder layers.</param>
    /// <param name="dropout">In training, the rate of dropout.</param>
    /// <param name="causal">Whether a position sees only itself and those before, as a language model needs.</param>
    public TextTransformer(int vocabulary, int length, int features = 128, int heads = 4, int hidden = 512, int layers = 3, double dropout = 0.1, bool causal = false)
    {
        _text = $"TextTransformer({vocabulary}, {length}, features: {features}, heads: {heads}, hidden: {hidden}, layers: {layers}{(causal ? ", causal: true" : "")})";
        _causal = causal;
        _embedding = new(vocabulary, features);
        _positions = new(length, features);
        _encoder = new(layers, features, heads, hidden, dropout);
        _head = new(features, vocabulary);
    }

    protected override Tensor ForwardCore(Tensor x)
        => _head.Forward(_encoder.Forward(new TransformerInput(_positions.Forward(_embedding.Forward(x))) { Causal = _causal }));

    public override string ToString() => _text;
}
