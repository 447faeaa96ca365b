using Gradwright.Kernels;

namespace Gradwright;

/// <summary>What a derivative sees: the gradients that arrived, what was saved, and where its results go.</summary>
internal sealed class VjpContext
{
    private Node _node = null!;
    private bool _createGraph;
    private Action<Tensor, Tensor> _leaf = null!;
    private Tensor?[] _restored = new Tensor?[8];

    /// <summary>The recorded op.</summary>
    public Op Op => _node.Op;

    /// <summary>Whether the derivative itself is being recorded.</summary>
    public bool CreatesGraph => _createGraph;

    /// <summary>Number of operands.</summary>
    public int InputCount => _node.Inputs.Length;

    /// <summary>The gradient of the first output.</summary>
    public Tensor G => Gradient(0);

    /// <summary>The first output.</summary>
    public Tensor Y => Output(0);

    /// <summary>Saved operand i.</summary>
    public Tensor this[int i] => Restore(i);

    /// <summary>Saved output j; kept outputs follow the visible ones.</summary>
    public Tensor Output(int j) => Restore(_node.Inputs.Length + j);

    /// <summary>Kept output j.</summary>
    public Tensor Kept(int j) => Output(Op.OutputCount + j);

    /// <summary>The gradient of output j; zeros if none arrived.</summary>
    public Tensor Gradient(int j)
        => _node.Gradients[j] ??= Tensor.Zeros(_node.Outputs[j].Layout.Shape, _node.Outputs[j].DType, AnyGradient().Accelerator);

    /// <summary>Whether a gradient arrived for output j.</summary>
    public bool HasGradient(int j) => _node.Gradients[j] is not null;

    /// <summary>Whether operand i's gradient is wanted.</summary>
    public bool Needs(int i) => i < _node.Inputs.Length && _node.Inputs[i].NeedsGradient;

    /// <summary>The shape of operand i, saved or not.</summary>
    public Shape InputShape(int i) => _node.Inputs[i].Spec.Layout.Shape;

    /// <summary>How operand i lay in memory, saved or not.</summary>
    public Layout InputLayout(int i) => _node.Inputs[i].Spec.Layout;

    /// <summary>The element type of operand i, saved or not.</summary>
    public DType InputType(int i) => _node.Inputs[i].Spec.DType;

    /// <summary>Delivers operand i's gradient. A gradient of the broadcast shape is summed to the operand's.</summary>
    public void Set(int i, Tensor gradient)
    {
        Edge edge = _node.Inputs[i];
        if (!edge.NeedsGradient) return;
        Shape shape = edge.Spec.Layout.Shape;
        if (gradient.Shape != shape) gradient = gradient.SumTo(shape);
        // The derivative of an op that takes 16-bit numbers together with Float32 ones may come in either.
        if (gradient.DType.IsHalf != edge.Spec.DType.IsHalf) gradient = Tape.Apply(new Cast(edge.Spec.DType), gradient);
        if (gradient.DType != edge.Spec.DType)
            throw new DTypeException($"Backward: the derivative of {Op.Name} made {gradient.Describe()} for operand {i}, which is {edge.Spec.DType}.");
        if (Anomaly.IsOn) Anomaly.CheckGradient(Op, i, gradient, _node.Path);
        if (edge.Leaf is not null)
        {
            if (_node.Path is not null && edge.Leaf.IsParameter && !edge.Leaf.IsRegistered) throw Unregistered(edge.Leaf);
            // The gradient that arrived at a view is not read again: without it the leaf takes the memory instead of copying it.
            if (!_createGraph && InputCount == 1 && gradient.IsOfInnermostScope && gradient.Buffer == _node.Gradients[0]?.Buffer) _node.DropGradients();
            _leaf(edge.Leaf, gradient);
        }
        else Accumulate(ref edge.Node!.Gradients[edge.Output], gradient);
    }

    /// <summary>
    /// op(g, other) of g's own shape. A gradient that nobody else needs is overwritten: an activation's backward pass then takes no memory.
    /// </summary>
    public Tensor OverG(Op op, Tensor other)
    {
        Tensor g = G;
        if (_createGraph || g.Buffer.References != 1 || !g.Layout.IsDense) return Tape.Apply(op, g, other);
        op.ExecuteInto(g, g, other);
        return g;
    }

    internal void Begin(Node node, bool createGraph, Action<Tensor, Tensor> leaf)
    {
        if (node.IsReleased && node.Saved.Length > 0)
            throw new TapeException($"Backward: what {node.Op.Name} saved has been released by an earlier backward pass. Call Backward(loss, retain: true) the first time.");
        (_node, _createGraph, _leaf) = (node, createGraph, leaf);
        if (_restored.Length < node.Saved.Length) _restored = new Tensor?[node.Saved.Length];
        Array.Clear(_restored);
    }

    internal void End()
    {
        Array.Clear(_restored);
        (_node, _leaf) = (null!, null!);
    }

    private TapeException Unregistered(Tensor parameter)
        => new($"Backward: the parameter {parameter.Describe()} took part in {Op.Name} (at {_node.Path}) but no module holds it, so no optimizer would train it and no checkpoint keep it. "
            + "Store it in a field (or a list or dictionary in a field) of the module that uses it.");

    private Tensor Restore(int position)
    {
        if (position >= _node.Saved.Length) throw new InvalidOperationException($"The derivative of {Op.Name} asks for tensor {position}, which its table entry does not save.");
        return _restored[position] ??= _node.Saved[position].Restore(_node, position);
    }

    private Tensor AnyGradient() => Array.Find(_node.Gradients, g => g is not null)!;

    private void Accumulate(ref Tensor? sum, Tensor gradient)
    {
        if (_createGraph)
        {
            sum = sum is null ? gradient : sum + gradient;
            return;
        }

        if (sum is null)
        {
            // Take a temporary of this derivative as it is; share what belongs to somebody else (the arrived gradient, a saved tensor).
            if (gradient.IsOfInnermostScope) gradient.TakeFromScope();
            else gradient = gradient.Alias(ownership: Tensor.Ownership.Internal);
            sum = gradient;
        }
        else if (sum.Buffer.References == 1 && sum.Layout.IsDense)
        {
            Binary<Add>.Instance.ExecuteInto(sum, sum, gradient);
        }
        else
        {
            Tensor total = Binary<Add>.Instance.Execute(sum, gradient);
            total.TakeFromScope();
            sum.Free();
            sum = total;
        }
    }
}
