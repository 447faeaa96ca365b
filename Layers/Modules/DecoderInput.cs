namespace Gradwright.Layers;

/// <summary>What a transformer's decoder takes: x [N, L, E], and what the encoder made, memory [N, S, E].</summary>
/// <param name="X">The sequences so far.</param>
/// <param name="Memory">The encoder's result.</param>
public readonly record struct DecoderInput(Tensor X, Tensor Memory)
{
    /// <summary>Position i sees positions 0 .. i only; on unless switched off. (PyTorch's decoder sees everything unless it is given a mask.)</summary>
    public bool Causal { get; init; } = true;

    /// <summary>Bool, broadcast to [N, heads, L, L]: true where a position sees another.</summary>
    public Tensor? Mask { get; init; }

    /// <summary>Bool [N, L]: true for positions that are there.</summary>
    public Tensor? KeyMask { get; init; }

    /// <summary>Bool, broadcast to [N, heads, L, S]: true where a position sees a place of the memory.</summary>
    public Tensor? MemoryMask { get; init; }

    /// <summary>Bool [N, S]: true for places of the memory that are there.</summary>
    public Tensor? MemoryKeyMask { get; init; }

    internal AttentionInput OnItself(Tensor x) => new(x, x, x) { Mask = Mask, KeyMask = KeyMask, Causal = Causal };

    internal AttentionInput OnMemory(Tensor x) => new(x, Memory, Memory) { Mask = MemoryMask, KeyMask = MemoryKeyMask };
}
