using System.Runtime.CompilerServices;

namespace Gradwright.Layers;

/// <summary>The state of a long short-term memory: [layers · directions, N, H] for a layer (the directions of a layer follow each other), [N, H] for a cell.</summary>
/// <param name="Hidden">h, which is also what comes out.</param>
/// <param name="Cell">c, the memory.</param>
/// <remarks>A tuple of its tensors for module scopes, which keep both.</remarks>
public sealed record LstmState(Tensor Hidden, Tensor Cell) : ITuple
{
    int ITuple.Length => 2;

    object? ITuple.this[int index] => index == 0 ? Hidden : Cell;

    /// <summary>The same numbers as constants: for the next piece of a long sequence, when gradients shall end here.</summary>
    public LstmState Detach() => new(Hidden.Detach(), Cell.Detach());
}
