namespace Gradwright.Layers;

/// <summary>What a transformer's encoder takes: x [N, L, E], or [L, E].</summary>
/// <param name="X">The sequences.</param>
public readonly record struct TransformerInput(Tensor X)
{
    /// <summary>Bool, broadcast to [N, heads, L, L]: true where a position sees another.</summary>
    public Tensor? Mask { get; init; }

    /// <summary>Bool [N, L]: true for positions that are there, false for padding.</summary>
    public Tensor? KeyMask { get; init; }

    /// <summary>Position i sees positions 0 .. i only.</summary>
    public bool Causal { get; init; }

    /// <summary>Sequences without masks.</summary>
    public static implicit operator TransformerInput(Tensor x) => new(x);

    internal AttentionInput On(Tensor x) => new(x, x, x) { Mask = Mask, KeyMask = KeyMask, Causal = Causal };
}
