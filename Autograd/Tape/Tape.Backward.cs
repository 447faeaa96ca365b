using Gradwright.Kernels;

namespace Gradwright;

public sealed partial class Tape
{
    private VjpContext? _context;
    private bool _isRunning;

    /// <summary>
    /// Adds ∂loss/∂p to the Grad of every parameter p (and watched tensor) that <paramref name="loss"/> depends on.
    /// Each saved tensor is released after its last use.
    /// </summary>
    /// <param name="loss">One element, unless <paramref name="gradient"/> is given.</param>
    /// <param name="gradient">What to start with, of the shape of <paramref name="loss"/>; ones by default.</param>
    /// <param name="retain">Keep what was saved, for another backward pass over the same ops.</param>
    /// <exception cref="TapeException">The loss was not recorded here, or a saved tensor has changed.</exception>
    public void Backward(Tensor loss, Tensor? gradient = null, bool retain = false)
    {
        Node root = RootOf(loss, nameof(Backward));
        using Pause pause = new(null);
        Tensor start = StartGradient(loss, gradient);
        Dictionary<Tensor, int>? pending = GradientReady is null ? null : CountUses(root);
        Run(root, loss.TapeOutput, start, createGraph: false, retain, (leaf, g) =>
        {
            AddToLeaf(leaf, g);
            if (pending is not null && --pending[leaf] == 0) GradientReady?.Invoke(leaf);
        }, null);
    }

    /// <summary>∂y/∂x for each of <paramref name="xs"/>, leaving every Grad as it is. Nothing is released.</summary>
    /// <param name="y">What to differentiate: its elements weighted by <paramref name="gradient"/> and summed.</param>
    /// <param name="xs">Parameters, watched tensors, or anything computed under this tape on the way to <paramref name="y"/>.</param>
    /// <param name="createGraph">Record the backward pass itself, so that the results can be differentiated again.</param>
    /// <param name="gradient">Weights of the shape of <paramref name="y"/>; ones by default. Under createGraph they may themselves be differentiated.</param>
    /// <returns>One gradient per x; zeros where y does not depend on it.</returns>
    public Tensor[] Gradients(Tensor y, ReadOnlySpan<Tensor> xs, bool createGraph = false, Tensor? gradient = null)
    {
        Node root = RootOf(y, nameof(Gradients));
        Dictionary<object, int> wanted = new(ReferenceEqualityComparer.Instance);
        Dictionary<(Node, int), int> wantedOutputs = [];
        int[] first = new int[xs.Length];               // the same x may be asked for twice
        for (int i = 0; i < xs.Length; i++)
        {
            Tensor x = xs[i];
            if (!Takes(x))
                throw new TapeException($"Gradients: x{i} {x.Describe()} is neither a parameter nor watched nor computed under this tape. Call tape.Watch(x) before using it.");
            if (x.TapeNode is Node node && !x.NeedsGradient) wantedOutputs.TryAdd((node, x.TapeOutput), i);
            else wanted.TryAdd(x, i);
            first[i] = x.TapeNode is Node from && !x.NeedsGradient ? wantedOutputs[(from, x.TapeOutput)] : wanted[x];
        }

        Tensor?[] results = new Tensor?[xs.Length];
        using Pause pause = new(createGraph ? this : null);
        Tensor start = gradient is null ? Tensor.Ones(y.Shape, y.DType, y.Accelerator) : StartGradient(y, gradient);
        try
        {
            Run(root, y.TapeOutput, start, createGraph, retain: true,
                (leaf, g) =>
                {
                    if (wanted.TryGetValue(leaf, out int i)) AddToResult(ref results[i], g, createGraph);
                },
                (node, output, g) =>
                {
                    if (wantedOutputs.TryGetValue((node, output), out int i)) AddToResult(ref results[i], g, createGraph);
                });
        }
        catch when (!createGraph)
        {
            foreach (Tensor? result in results) result?.Free();
            throw;
        }

        for (int i = 0; i < xs.Length; i++)
        {
            if (first[i] != i) results[i] = results[first[i]]!.Copy();
            else if (results[i] is null) results[i] = Tensor.Zeros(xs[i].Shape, xs[i].DType, xs[i].Accelerator);
            else if (!createGraph) results[i]!.EnterScope();
        }

        return results!;
    }

    /// <summary>Under createGraph results are recorded and stay in the tape's scope; else they are fresh memory that outlives the scopes of the backward pass.</summary>
    private static void AddToResult(ref Tensor? result, Tensor g, bool createGraph)
    {
        if (createGraph) result = result is null ? g : result + g;
        else if (result is not null) Binary<Add>.Instance.ExecuteInto(result, result, g);
        else
        {
            result = new Copy().Execute(g);
            result.TakeFromScope();
        }
    }

    private Node RootOf(Tensor loss, string operation)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (IsClosed) throw new ObjectDisposedException(nameof(Tape), $"{operation}: the tape has ended and what it recorded is gone. Call {operation} before the closing brace of its using block.");
        if (loss.TapeNode is Node node && node.Tape == this) return node;
        throw new TapeException($"{operation}: {loss.Describe()} was not recorded by this tape: it does not depend on an unfrozen parameter or a watched tensor, "
            + "or it was computed outside the tape's braces or under NoRecord().");
    }

    private static Tensor StartGradient(Tensor y, Tensor? gradient)
    {
        if (gradient is null)
        {
            if (y.Count != 1) throw new ShapeException($"Backward: {y.Describe()} has {y.Count} elements. Reduce it to one (Sum(), Mean()), or pass the gradient to start with.");
            return Tensor.Ones(y.Shape, y.DType, y.Accelerator);
        }

        if (gradient.Shape != y.Shape) throw new ShapeException($"Backward: the gradient {gradient.Shape} must have the shape of the loss {y.Shape}.");
        return gradient.DType == y.DType ? gradient : throw new DTypeException($"Backward: the gradient is {gradient.DType}, the loss {y.DType}. Cast one of them.");
    }

    private void Run(Node root, int output, Tensor start, bool createGraph, bool retain, Action<Tensor, Tensor> leaf, Action<Node, int, Tensor>? arrived)
    {
        if (_isRunning)
            throw new TapeException("Backward: this tape is being differentiated already. A GradientReady handler or a CustomFunction's Backward can only differentiate a tape of its own.");
        _isRunning = true;
        using MixedPrecisions.Usage precision = MixedPrecisions.Follow();
        VjpContext context = _context ??= new();
        ScopeStack scopes = ScopeStack.Current;
        int outer = scopes.Push();
        try
        {
            root.Gradients[output] = createGraph ? start : start.Alias(ownership: Tensor.Ownership.Internal);
            for (int index = root.Index; index >= 0; index--)
            {
                Node node = _nodes[index];
                if (!HasGradient(node)) continue;
                for (int j = 0; j < node.Gradients.Length; j++)
                    if (node.Gradients[j] is { } g) arrived?.Invoke(node, j, g);
                int inner = createGraph ? 0 : scopes.Push();
                try
                {
                    if (Anomaly.IsOn) Anomaly.Differentiating = node;
                    context.Begin(node, createGraph, leaf);
                    node.Rule.Run(context);
                }
                finally
                {
                    if (!createGraph) scopes.Pop(inner);
                }

                if (createGraph) Array.Clear(node.Gradients);
                else node.DropGradients();
                if (!retain) node.Release();
            }
        }
        catch
        {
            foreach (Node node in _nodes)
            {
                if (createGraph) Array.Clear(node.Gradients);
                else node.DropGradients();
            }

            throw;
        }
        finally
        {
            context.End();
            Anomaly.Differentiating = null;
            _isRunning = false;
            if (createGraph) scopes.PopKeepingAll(outer);
            else scopes.Pop(outer);
        }
    }

    private static bool HasGradient(Node node)
    {
        foreach (Tensor? gradient in node.Gradients)
            if (gradient is not null) return true;
        return false;
    }

    private static void AddToLeaf(Tensor leaf, Tensor g)
    {
        StepRecording.Current?.GradientArrives(leaf);
        if (leaf.Grad is { } grad) Binary<Add>.Instance.ExecuteInto(grad, grad, g);
        else if (g.Buffer.References == 1 && g.Layout.IsDense && g.Layout.Offset == 0 && g.IsOfInnermostScope) leaf.AdoptGrad(g);
        else leaf.AdoptGrad(new Copy().Execute(g));
    }

    /// <summary>How many gradients each leaf will receive.</summary>
    private Dictionary<Tensor, int> CountUses(Node root)
    {
        Dictionary<Tensor, int> uses = [];
        bool[] reached = new bool[root.Index + 1];
        reached[root.Index] = true;
        for (int i = root.Index; i >= 0; i--)
        {
            if (!reached[i]) continue;
            foreach (Edge edge in _nodes[i].Inputs)
            {
                if (edge.Node is not null) reached[edge.Node.Index] = true;
                else if (edge.Leaf is not null) uses[edge.Leaf] = uses.GetValueOrDefault(edge.Leaf) + 1;
            }
        }

        return uses;
    }
}
