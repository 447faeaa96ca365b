using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// Writes down what a step does while it runs as usual: ops, fills and other work in their order, the blocks of memory that they touch, and everything on which it
/// depended that they were these.
/// </summary>
internal sealed class StepRecording(bool isLenient = false) : OpListener
{
    private readonly long _latestBefore = MemoryBuffer.LatestLease;
    private readonly Dictionary<long, RecordedBlock> _blocks = [];
    private readonly HashSet<Tensor> _outside = new(ReferenceEqualityComparer.Instance), _forgotten = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Generator, GeneratorState> _streams = new(ReferenceEqualityComparer.Instance);
    private readonly List<(Generator Generator, ulong Key, ulong First, ulong End)> _reserved = [];

    /// <summary>The recording of this thread, if any.</summary>
    public static new StepRecording? Current => StepListener.Current as StepRecording;

    /// <summary>What was done, in order.</summary>
    public List<RecordedWork> Works { get; } = [];

    /// <summary>What has to hold for the step to do the same again.</summary>
    public HashSet<ReplayCondition> Conditions { get; } = [];

    /// <summary>Why the step cannot be repeated; null as long as it can.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Somebody looks at the step, whom a repetition would not call: it runs as usual, whatever it does, and is not kept.</summary>
    public bool IsObserved { get; set; }

    /// <summary>What was computed beforehand for ops that replaced recorded ones.</summary>
    public List<IDisposable> Prepared { get; } = [];

    /// <summary>The parameters whose gradients the step has changed, each once.</summary>
    public HashSet<Tensor> Differentiated { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The generators that the step has drawn from, and where they stood before.</summary>
    public IReadOnlyDictionary<Generator, GeneratorState> Streams => _streams;

    public override void Refuse(string reason)
    {
        if (IsObserved) return;
        if (!isLenient) base.Refuse(reason);
        Refusal ??= reason;
    }

    public override void Executed(Op op, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        RecordedTensor[] operands = new RecordedTensor[x.Length];
        for (int i = 0; i < operands.Length; i++) operands[i] = Touch(x[i]);
        RecordedTensor?[] results = new RecordedTensor?[y.Length];
        for (int j = 0; j < results.Length; j++)
            if (y[j] is { } result) results[j] = Written(op.Name, result);
        Works.Add(new RecordedOp(op, operands, results, KernelModes.Current));
    }

    public override void Viewed(Op op, Tensor x, ReadOnlySpan<Tensor?> y)
    {
        RecordedTensor[] views = new RecordedTensor[y.Length];
        for (int j = 0; j < views.Length; j++) views[j] = Touch(y[j]!);
        Works.Add(new RecordedView(op, Touch(x), views));
    }

    public override void Worked(Tensor[] operands, Action<Tensor[]> work)
    {
        Works.Add(new RecordedCall(Array.ConvertAll(operands, tensor => Written("a call", tensor)), work));
    }

    public override void Filled(Tensor tensor, double value) => Works.Add(new RecordedFill(Written("a fill", tensor), value));

    public override void WrittenByHost(Tensor tensor)
    {
        RecordedTensor recorded = Touch(tensor);
        if (!recorded.Block.IsOfStep || recorded.Block.IsWritten)
        {
            Refuse($"A captured step writes numbers of the program's into {tensor.Describe()}; a repetition would not see other numbers. Pass the tensor to the step as an input.");
            return;
        }

        if (recorded.Block.IsConstant) return;
        recorded.Block.IsConstant = true;
        recorded.Block.Buffer.AddReference();
    }

    public override void ReadByHost(Tensor tensor)
        => Refuse($"A captured step reads {tensor.Describe()} back into the program, which a repetition would not do. Return the tensor from the step and read it outside.");

    public override void Reserved(Generator generator, ulong first, long blocks)
    {
        _streams.TryAdd(generator, new(generator.Key, first));
        _reserved.Add((generator, generator.Key, first, first + (ulong)blocks));
        Conditions.Add(new StreamStays(generator, generator.Key));
    }

    public override void DrawnByHost(Generator generator)
        => Refuse("A captured step draws a random number into the program, which a repetition would not do. Draw a tensor (Tensor.RandomUniform and the like), or draw between steps.");

    public override void ForgotGradient(Tensor parameter)
    {
        _forgotten.Add(parameter);
        Differentiated.Add(parameter);
    }

    /// <summary>A gradient is about to be added to a parameter's, or to become it.</summary>
    public void GradientArrives(Tensor parameter)
    {
        bool isFirst = Differentiated.Add(parameter);
        if (parameter.Grad is { } grad)
        {
            if (isFirst) Conditions.Add(new GradientStays(parameter, grad.Buffer.Lease));
        }
        else if (!_forgotten.Contains(parameter))
        {
            Conditions.Add(new GradientStays(parameter, 0));
        }
    }

    /// <summary>The generator from which an op's random numbers come, or null if they are always the same.</summary>
    public Generator? StreamOf(ulong key, ulong counter)
    {
        foreach ((Generator generator, ulong own, ulong first, ulong end) in _reserved)
            if (own == key && counter >= first && counter < end) return generator;
        return null;
    }

    /// <summary>
    /// The step is over and its scope closed: decides which blocks are temporary. The others stay where they are for as long as the caller holds the references
    /// that it gets.
    /// </summary>
    /// <returns>The blocks of which a reference was taken.</returns>
    public List<RecordedBlock> Finish()
    {
        List<RecordedBlock> held = [];
        try
        {
            foreach (RecordedBlock block in _blocks.Values)
            {
                if (block.IsConstant)
                {
                    held.Add(block);
                }
                else if (block.IsAlive)
                {
                    block.Buffer.AddReference();
                    held.Add(block);
                }
                else if (!block.IsOfStep)
                {
                    throw new CaptureException($"A captured step uses a tensor of {block.Length} bytes from before it, and frees it: a repetition would miss it. "
                        + "Keep what is carried from step to step in one tensor, and write the new values into it: state.CopyFrom(next).");
                }
                else
                {
                    block.IsTemporary = true;
                }
            }
        }
        catch
        {
            foreach (RecordedBlock block in held)
                if (!block.IsConstant) block.Buffer.Release();
            Abandon();
            throw;
        }

        foreach (Tensor tensor in _outside)
        {
            if (!tensor.IsDisposed && _blocks.TryGetValue(tensor.Buffer.Lease, out RecordedBlock? block) && !block.IsOfStep)
                Conditions.Add(new TensorStays(tensor, block.Lease, tensor.Layout, tensor.IsFrozen));
        }

        return held;
    }

    /// <summary>The blocks that need places of their own while the step is repeated, with the first and the last work that uses each.</summary>
    public IEnumerable<RecordedBlock> Temporaries()
    {
        HashSet<RecordedBlock> used = [];
        for (int i = 0; i < Works.Count; i++)
        {
            foreach (RecordedTensor tensor in Works[i].Tensors)
            {
                tensor.Block.Use(i);
                if (tensor.Block.IsTemporary) used.Add(tensor.Block);
            }
        }

        for (int i = 0; i < Works.Count; i++)
            if (Works[i] is RecordedOp op && op.Overwritten(i) is { } operand) op.Results[0]!.Value.Block.Replace(operand);
        used.RemoveWhere(block => block.Host != block);
        return used;
    }

    /// <summary>Frees what a recording that failed has kept.</summary>
    public void Abandon()
    {
        foreach (RecordedBlock block in _blocks.Values)
            if (block.IsConstant) block.Buffer.Release();
    }

    private RecordedTensor Written(string what, Tensor tensor)
    {
        RecordedTensor recorded = Touch(tensor);
        if (recorded.Block.IsConstant)
            Refuse($"A captured step writes numbers of the program's into {tensor.Describe()}, and {what} then changes them; a repetition would find the changed ones. Copy() the tensor first.");
        recorded.Block.IsWritten = true;
        return recorded;
    }

    private RecordedTensor Touch(Tensor tensor)
    {
        MemoryBuffer buffer = tensor.Buffer;
        if (!_blocks.TryGetValue(buffer.Lease, out RecordedBlock? block)) _blocks.Add(buffer.Lease, block = new(buffer, buffer.Lease > _latestBefore));
        if (!block.IsOfStep) _outside.Add(tensor);
        return new(block, tensor.Layout, tensor.DType);
    }
}
