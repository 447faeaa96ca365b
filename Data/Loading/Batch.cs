namespace Gradwright.Data;

/// <summary>
/// Some samples as tensors: input [count, ...] and target [count, ...]. They belong to their loader and are overwritten by its next batch.
/// </summary>
public sealed class Batch
{
    internal Batch(Tensor input, Tensor target) => (Input, Target) = (input, target);

    public Tensor Input { get; }

    public Tensor Target { get; }

    /// <summary>Number of samples.</summary>
    public int Count => (int)Input.Shape[0];

    /// <summary>For <c>foreach ((Tensor x, Tensor y) in loader)</c>.</summary>
    public void Deconstruct(out Tensor input, out Tensor target) => (input, target) = (Input, Target);
}
