using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>Samples held in arrays: inputs [count, ...input shape] and targets [count, ...target shape], row-major, used without a copy.</summary>
public sealed class ArrayDataset<TInput, TTarget> : IDataset where TInput : unmanaged where TTarget : unmanaged
{
    private readonly ReadOnlyMemory<TInput> _inputs;
    private readonly ReadOnlyMemory<TTarget> _targets;

    /// <exception cref="ShapeException">The lengths are no multiple of a sample's, or there are not as many targets as inputs.</exception>
    /// <exception cref="DTypeException">An element type has no tensor counterpart.</exception>
    public ArrayDataset(ReadOnlyMemory<TInput> inputs, Shape inputShape, ReadOnlyMemory<TTarget> targets, Shape targetShape)
    {
        (_inputs, _targets) = (inputs, targets);
        Input = new(DTypes.Of<TInput>(), inputShape);
        Target = new(DTypes.Of<TTarget>(), targetShape);
        long inputSize = inputShape.Count, targetSize = targetShape.Count;
        if (inputSize == 0 || targetSize == 0 || inputs.Length % inputSize != 0 || targets.Length != inputs.Length / inputSize * targetSize)
            throw new ShapeException($"ArrayDataset: {inputs.Length} input values of {inputShape} per sample and {targets.Length} target values " +
                $"of {targetShape} per sample " +
                "do not make equally many whole samples. Check the shapes: they are those of one sample, without the batch dimension.");
        Count = inputs.Length / inputSize;
    }

    public long Count { get; }

    public SampleSpec Input { get; }

    public SampleSpec Target { get; }

    public void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> targets)
    {
        Gather(MemoryMarshal.AsBytes(_inputs.Span), indices, inputs, (int)Input.ByteLength);
        Gather(MemoryMarshal.AsBytes(_targets.Span), indices, targets, (int)Target.ByteLength);
    }

    private static void Gather(ReadOnlySpan<byte> source, ReadOnlySpan<long> indices, Span<byte> destination, int size)
    {
        for (int i = 0; i < indices.Length; i++) source.Slice(checked((int)(indices[i] * size)), size).CopyTo(destination[(i * size)..]);
    }
}
