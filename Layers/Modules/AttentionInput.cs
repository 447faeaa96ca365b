namespace Gradwright.Layers;

/// <summary>What <see cref="MultiHeadAttention"/> takes: queries [N, L, E], keys [N, S, ..] and values [N, S, ..]; or all without the batch dimension N.</summary>
/// <param name="Query">The queries.</param>
/// <param name="Key">The keys.</param>
/// <param name="Value">The values.</param>
public readonly record struct AttentionInput(Tensor Query, Tensor Key, Tensor Value)
{
    /// <summary>Bool, broadcast to [N, heads, L, S]: true where a query sees a key. (PyTorch's modules mark what is hidden instead.)</summary>
    public Tensor? Mask { get; init; }

    /// <summary>Bool [N, S]: true for keys that are there, false for padding.</summary>
    public Tensor? KeyMask { get; init; }

    /// <summary>Added to the scores, broadcast to [N, heads, L, S].</summary>
    public Tensor? Bias { get; init; }

    /// <summary>Query i sees keys 0 .. i only.</summary>
    public bool Causal { get; init; }

    /// <summary>Self-attention: queries, keys and values are the same.</summary>
    public static implicit operator AttentionInput(Tensor x) => new(x, x, x);
}
