using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// Records what is computed between its braces from parameters and watched tensors, and differentiates it backwards.
/// It is also the scope of what the block makes. Outside a tape nothing is recorded.
/// </summary>
/// <example><code>
/// using (var tape = new Tape())
/// {
///     Tensor loss = Loss.CrossEntropy(model.Forward(x), y);
///     tape.Backward(loss);
/// }
/// optimizer.Step();
/// </code></example>
/// <remarks>Only the innermost tape records. A tape belongs to the thread that opened it and must not cross an await.</remarks>
public sealed partial class Tape : TensorScope
{
    [ThreadStatic] private static Tape? _recording;

    private readonly Tape? _outer;
    private readonly WatchMark _mark;
    private readonly List<Node> _nodes = [];
    private List<(Tensor Tensor, object? Before)>? _watched;

    /// <summary>Opens a tape; it records until it is disposed.</summary>
    public Tape()
    {
        _mark = new(this);
        _outer = _recording;
        _recording = this;
    }

    /// <summary>The tape that is recording on this thread, if any.</summary>
    public static Tape? Current => _recording;

    /// <summary>Number of recorded ops.</summary>
    public int Count => _nodes.Count;

    /// <summary>Bytes that the tape keeps alive for the backward pass, each buffer once; parameters and watched tensors belong to others and do not count.</summary>
    public long SavedBytes
    {
        get
        {
            HashSet<MemoryBuffer> buffers = [];
            foreach (Node node in _nodes)
                foreach (Saved saved in node.Saved)
                    if (saved.OwnBuffer is { } buffer) buffers.Add(buffer);
            return buffers.Sum(buffer => buffer.Length);
        }
    }

    /// <summary>Raised by <see cref="Backward"/> as soon as a parameter's gradient of this pass is complete.</summary>
    public event Action<Tensor>? GradientReady;

    /// <summary>Until disposed, nothing on this thread is recorded.</summary>
    public static Pause NoRecord() => new(null);

    /// <summary>Differentiate with respect to <paramref name="x"/> too, which is not a parameter: <see cref="Backward"/> fills its Grad.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Watch(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!x.DType.IsFloating) throw new DTypeException($"Watch: {x.Describe()} cannot carry a gradient. Cast it to a floating-point type first.");
        if (ReferenceEquals(x.TapeNode, _mark) || x.NeedsGradient) return x;
        if (x.TapeNode is Node node && !node.Tape.IsClosed)
            throw new TapeException($"Watch: {x.Describe()} was computed under {(node.Tape == this ? "this" : "an outer")} tape. Ask for its gradient with Gradients(y, [x]), or watch x.Detach().");
        (_watched ??= []).Add((x, x.TapeNode));
        x.TapeNode = _mark;
        return x;
    }

    /// <summary>Runs an op on the tensors' accelerator and records it if its result depends on something to differentiate.</summary>
    public static Tensor Apply(Op op, params ReadOnlySpan<Tensor> x)
    {
        Op.Outputs y = default;
        Apply(op, x, y);
        return y[0]!;
    }

    /// <summary>As <see cref="Apply(Op, ReadOnlySpan{Tensor})"/>, for any number of outputs.</summary>
    internal static void Apply(Op op, ReadOnlySpan<Tensor> x, Span<Tensor?> y)
    {
        for (int i = 0; i < x.Length; i++)
            if (x[i] is null) throw new ArgumentNullException(nameof(x), $"{op.Name}: operand {i} is null.");
        if (MixedPrecisions.IsOn) x = MixedPrecisions.Adapt(op, x);
        Tape? tape = _recording;
        bool takes = tape is not null && tape.Takes(op, x);
        op.Execute(x, y, keep: takes && op.KeptCount > 0);
        if (takes && Vjp.RuleOf(op) is { } rule) tape!.Record(op, rule, x, y);
        if (Anomaly.IsOn) Anomaly.Check(op, x, y[..op.OutputCount]);
        if (OpMonitor.IsOn) OpMonitor.Notify(op, x, y);
    }

    /// <summary>Runs a function of which the tape keeps only the operands; the backward pass runs it again.</summary>
    /// <param name="function">The function.</param>
    /// <param name="x">Its operands.</param>
    /// <param name="parameters">The parameters that it uses.</param>
    /// <param name="replay">Called before the function runs again; what it returns is disposed afterwards.</param>
    internal static Tensor[] Checkpoint(Func<Tensor[], Tensor[]> function, Tensor[] x, Tensor[] parameters, Func<IDisposable> replay)
    {
        CheckpointOp op = new(function, x.Length, replay);
        Op.Outputs y = default;
        Apply(op, [.. x, .. parameters], y);
        return [.. ((ReadOnlySpan<Tensor?>)y)[..op.OutputCount].ToArray().Select(t => t!)];
    }

    /// <summary>True if the tensor is something to differentiate, or computed from it, under this tape.</summary>
    internal bool Takes(Tensor x)
        => x.NeedsGradient || (x.TapeNode is Node node ? node.Tape == this : ReferenceEquals(x.TapeNode, _mark));

    protected override void OnClosing()
    {
        foreach (Node node in _nodes)
        {
            node.Release();
            node.DropGradients();
        }

        foreach ((Tensor x, object? before) in _watched ?? [])
            if (ReferenceEquals(x.TapeNode, _mark)) x.TapeNode = before is WatchMark ? before : null;     // an outer tape goes on watching
        _nodes.Clear();
        if (ReferenceEquals(_recording, this)) _recording = _outer;
    }

    private bool Takes(Op op, ReadOnlySpan<Tensor> x)
    {
        bool takes = false;
        foreach (Tensor tensor in x)
        {
            takes |= Takes(tensor);
            Tape? other = tensor.TapeNode switch { Node node => node.Tape, WatchMark mark => mark.Tape, _ => null };
            if (other is not null && other != this && !other.IsClosed && !tensor.NeedsGradient)
                throw new TapeException($"{op.Name}: {tensor.Describe()} was {(tensor.TapeNode is Node ? "computed under" : "watched by")} an outer tape, which does not record while this one is open. "
                    + "Use Detach() if it is a constant here, or compute or watch it under this tape.");
        }

        return takes;
    }

    private void Record(Op op, VjpRule rule, ReadOnlySpan<Tensor> x, Span<Tensor?> y)
    {
        Edge[] edges = new Edge[x.Length];
        uint needs = 0;
        for (int i = 0; i < x.Length; i++)
        {
            Tensor t = x[i];
            TensorSpec spec = new(t.DType, t.Layout);
            bool leaf = t.NeedsGradient || ReferenceEquals(t.TapeNode, _mark);
            if (leaf) edges[i] = new(null, 0, t, spec);
            else if (t.TapeNode is Node from && from.Tape == this) edges[i] = new(from, t.TapeOutput, null, spec);
            else edges[i] = new(null, 0, null, spec);
            if (edges[i].NeedsGradient) needs |= 1u << Math.Min(i, 31);
        }

        int outputs = op.OutputCount, total = outputs + op.KeptCount;
        TensorSpec[] specs = new TensorSpec[outputs];
        Saves saves = rule.SavesFor(needs);
        Saved[] saved = saves == Saves.Nothing ? [] : new Saved[x.Length + total];
        Node node = new(this, _nodes.Count, op, rule, edges, saved, new Tensor?[outputs], specs, CallPath.Current);
        _nodes.Add(node);
        for (int j = 0; j < outputs; j++)
        {
            Tensor t = y[j]!;
            specs[j] = new(t.DType, t.Layout);
            if (!t.DType.IsFloating) continue;
            (t.TapeNode, t.TapeOutput) = (node, j);
        }

        if (saves != Saves.Nothing)
        {
            for (int i = 0; i < x.Length; i++)
                if (saves.HasInput(i)) saved[i] = new(x[i], edges[i].Leaf is not null);
            int first = saves.HasFlag(Saves.Output) ? 0 : saves.HasFlag(Saves.Statistics) ? 1 : outputs;
            for (int j = first; j < outputs; j++) saved[x.Length + j] = new(y[j]!, isLeaf: false);
            for (int j = outputs; j < total; j++)
                if (y[j] is { } kept) saved[x.Length + j] = new(kept, isLeaf: false);
        }

        for (int j = outputs; j < total; j++)
        {
            y[j]?.Dispose();
            y[j] = null;
        }
    }

    /// <summary>Marks a tensor that the tape watches.</summary>
    private sealed record WatchMark(Tape Tape);

    /// <summary>The span in which <see cref="NoRecord"/> holds.</summary>
    public readonly ref struct Pause
    {
        private readonly Tape? _before;

        internal Pause(Tape? during)
        {
            _before = _recording;
            _recording = during;
        }

        public void Dispose()
        {
            // A tape that was closed meanwhile must not record again.
            Tape? tape = _before;
            while (tape is { IsClosed: true }) tape = tape._outer;
            _recording = tape;
        }
    }
}
