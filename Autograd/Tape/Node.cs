using Gradwright.Kernels;

namespace Gradwright;

/// <summary>One recorded op: where its operands came from, what its derivative needs, and the gradients that have arrived.</summary>
internal sealed class Node(Tape tape, int index, Op op, VjpRule rule, Edge[] inputs, Saved[] saved, Tensor?[] gradients, TensorSpec[] outputs, string? path)
{
    public readonly Tape Tape = tape;
    public readonly int Index = index;
    public readonly Op Op = op;
    public readonly VjpRule Rule = rule;
    public readonly Edge[] Inputs = inputs;

    /// <summary>Operands, then outputs, then kept outputs; the ones that the derivative does not need are empty.</summary>
    public readonly Saved[] Saved = saved;

    /// <summary>Sum of what has arrived for each output, owned by the backward pass.</summary>
    public readonly Tensor?[] Gradients = gradients;

    public readonly TensorSpec[] Outputs = outputs;

    /// <summary>The module that was running.</summary>
    public readonly string? Path = path;

    public bool IsReleased { get; private set; }

    /// <summary>Frees what was saved; the node cannot be differentiated again.</summary>
    public void Release()
    {
        if (IsReleased) return;
        IsReleased = true;
        foreach (ref Saved saved in Saved.AsSpan()) saved.Release();
    }

    public void DropGradients()
    {
        foreach (ref Tensor? gradient in Gradients.AsSpan())
        {
            gradient?.Free();
            gradient = null;
        }
    }
}

/// <summary>Where an operand came from: a node's output, a leaf (a parameter or a watched tensor), or neither (a constant).</summary>
internal readonly record struct Edge(Node? Node, int Output, Tensor? Leaf, TensorSpec Spec)
{
    public bool NeedsGradient => Node is not null || Leaf is not null;
}

/// <summary>A reference to a tensor's memory as it was when it was recorded.</summary>
internal struct Saved
{
    private MemoryBuffer? _buffer;
    private Layout _layout;
    private DType _dtype;
    private int _version;
    private object? _node;
    private int _output;
    private Tensor? _leaf;
    private string? _name;

    public Saved(Tensor tensor, bool isLeaf)
    {
        _buffer = tensor.Buffer;
        _buffer.AddReference();
        (_layout, _dtype, _version) = (tensor.Layout, tensor.DType, _buffer.Version);
        (_node, _output, _leaf, _name) = (tensor.TapeNode, tensor.TapeOutput, isLeaf ? tensor : null, tensor.Name);
    }

    /// <summary>The tensor, as it was recorded.</summary>
    /// <exception cref="TapeException">Its memory has changed since, or was released.</exception>
    public readonly Tensor Restore(Node node, int position)
    {
        if (_buffer is null)
            throw new TapeException($"Backward: what {node.Op.Name} saved has been released by an earlier backward pass. Call Backward(loss, retain: true) the first time.");
        if (_buffer.Version != _version)
            throw new TapeException($"Backward: {Role(node, position)} of {node.Op.Name}{(node.Path is null ? "" : $" (at {node.Path})")} has changed since the forward pass. "
                + "Something wrote into it (an optimizer step, CopyFrom, a method named ...InPlace); do that after Backward, or let the forward pass use a Copy().");
        if (_leaf is not null) return _leaf;
        _buffer.AddReference();
        return new(_buffer, _layout, _dtype) { TapeNode = _node, TapeOutput = _output };
    }

    /// <summary>The buffer that this reference keeps alive, unless it is a leaf's.</summary>
    public readonly MemoryBuffer? OwnBuffer => _leaf is null ? _buffer : null;

    public void Release()
    {
        _buffer?.Release();
        _buffer = null;
    }

    private readonly string Role(Node node, int position)
        => $"{(position < node.Inputs.Length ? $"operand {position}" : $"output {position - node.Inputs.Length}")} {(_name is null ? "" : $"'{_name}' ")}{_layout.Shape} {_dtype}";
}
