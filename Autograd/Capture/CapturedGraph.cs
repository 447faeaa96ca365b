using System.Runtime.InteropServices;
using System.Text;
using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// What a step did, as data: its ops in order, with stable names, versions and attributes, and the tensors that go from one to the next. Made by
/// <see cref="CapturedStep"/>, or from any function by <see cref="Of"/>.
/// </summary>
public sealed class CapturedGraph : IDisposable
{
    private readonly List<GraphNode> _nodes = [];
    private readonly List<GraphValue> _values = [];
    private readonly Dictionary<Key, GraphValue> _latest = [];
    private readonly List<Tensor> _data = [];
    private readonly Dictionary<long, Tensor> _parameters = [];
    private readonly Dictionary<long, List<Key>> _views = [];
    private readonly HashSet<Key> _changed = [];
    private readonly HashSet<long> _filled = [];
    private readonly List<string> _impurities = [];
    private int _calls;

    private CapturedGraph(StepRecording recording, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> results)
    {
        foreach (ReplayCondition condition in recording.Conditions)
            if (condition is TensorStays { Tensor.Name: not null } stays) _parameters.TryAdd(stays.Lease, stays.Tensor);
        Inputs = [.. inputs.Select(x => Add(new(x.Buffer.Lease, x.Layout, x.DType), GraphValueKind.Input))];
        foreach (Tensor x in inputs) _filled.Add(x.Buffer.Lease);
        foreach (RecordedWork work in recording.Works) Add(work);
        Results = [.. results.Select(y => Read("the result", new(y.Buffer.Lease, y.Layout, y.DType), null))];
        if (_calls > 0) _impurities.Add($"it contains {_calls} pieces of work that are no ops, such as an optimizer's step");
    }

    internal CapturedGraph(StepReplay replay) : this(replay.Recording, replay.Inputs, replay.Results) => Plan = replay.Plan;

    /// <summary>The ops, each after those that compute its operands.</summary>
    public IReadOnlyList<GraphNode> Nodes => _nodes;

    /// <summary>Every tensor.</summary>
    public IReadOnlyList<GraphValue> Values => _values;

    /// <summary>What the step takes.</summary>
    public IReadOnlyList<GraphValue> Inputs { get; }

    /// <summary>What the step returns.</summary>
    public IReadOnlyList<GraphValue> Results { get; }

    /// <summary>
    /// What keeps the graph from being a function of inputs, parameters and constants alone, in words: tensors from before that it writes into, values that are read after
    /// they were changed through another view, work that is no op. Empty for most forward passes in evaluation mode.
    /// </summary>
    public IReadOnlyList<string> Impurities => _impurities;

    /// <summary>The most bytes of temporary tensors that are needed at one time, and so the least that any plan of the memory needs; 0 for a graph that is not repeated.</summary>
    public long PeakBytes => Plan?.PeakBytes ?? 0;

    /// <summary>The bytes in which the temporary tensors lie, sharing places.</summary>
    public long ArenaBytes => Plan?.ArenaBytes ?? 0;

    /// <summary>What the temporary tensors would take if none shared a place with another.</summary>
    public long TemporaryBytes => Plan?.TotalBytes ?? 0;

    private MemoryPlan? Plan { get; }

    /// <summary>Runs a function once, without a tape, and records what it does.</summary>
    /// <param name="function">From inputs to results.</param>
    /// <param name="inputs">Samples: their shapes are those of the graph.</param>
    /// <returns>The graph, which keeps parameters and constants alive until it is disposed.</returns>
    /// <exception cref="CaptureException">The function does something that cannot be repeated.</exception>
    public static CapturedGraph Of(Func<Tensor[], Tensor[]> function, params Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(inputs);
        using Tape.Pause pause = Tape.NoRecord();
        using TensorScope scope = new();
        StepRecording recording = new();
        Tensor[] results;
        try
        {
            using (recording.Listen()) results = function(inputs);
        }
        catch
        {
            recording.Abandon();
            throw;
        }

        List<RecordedBlock> held = recording.Finish();
        CapturedGraph graph = new(recording, inputs, results);
        foreach (RecordedBlock block in held) block.Buffer.Release();
        return graph;
    }

    /// <summary>Frees the tensors of constants that the graph keeps.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _data) tensor.Dispose();
        _data.Clear();
    }

    /// <summary>The ops, one per line.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendLine($"inputs: {string.Join(", ", Inputs)}");
        foreach (GraphNode node in _nodes) text.AppendLine(node.ToString());
        if (_calls > 0) text.AppendLine($"and {_calls} pieces of work that are no ops, such as an optimizer's step");
        return text.Append($"results: {string.Join(", ", Results)}").ToString();
    }

    private void Add(RecordedWork work)
    {
        switch (work)
        {
            case RecordedOp op:
                GraphValue[] operands = [.. op.Operands.Select(x => Read(op.Op.Name, KeyOf(x), x.Block))];
                _nodes.Add(new(op.Op, operands, [.. op.Results.OfType<RecordedTensor>().Select(y => Written(op.Op.Name, y, GraphValueKind.Computed))], isView: false));
                break;
            case RecordedView { Results.Length: 0 }:        // folded into another op
                break;
            case RecordedView view:
                GraphValue operand = Read(view.Op.Name, KeyOf(view.Operand), view.Operand.Block);
                _nodes.Add(new(view.Op, [operand], [.. view.Results.Select(y => Add(KeyOf(y), GraphValueKind.Computed))], isView: true));
                break;
            case RecordedFill fill:
                Written("a fill", fill.Result, GraphValueKind.Filled, fill.Value);
                break;
            default:
                _calls++;
                break;
        }
    }

    private GraphValue Add(Key key, GraphValueKind kind, double number = 0)
    {
        GraphValue value = new(_values.Count, kind, key.Layout.Shape, key.DType, null, number);
        return Latest(key, value);
    }

    private GraphValue Latest(Key key, GraphValue value)
    {
        _values.Add(value);
        if (!_latest.ContainsKey(key)) (CollectionsMarshal.GetValueRefOrAddDefault(_views, key.Lease, out _) ??= []).Add(key);
        _changed.Remove(key);
        return _latest[key] = value;
    }

    /// <summary>A value that an op or a fill writes: other views of the same memory are not what they were.</summary>
    private GraphValue Written(string what, RecordedTensor y, GraphValueKind kind, double number = 0)
    {
        Key key = KeyOf(y);
        if (!y.Block.IsOfStep)
            _impurities.Add($"{what} writes into {(_parameters.TryGetValue(key.Lease, out Tensor? named) ? $"'{named.Name}' " : "")}{key.Layout.Shape} {key.DType}, a tensor from before it");
        if (_views.TryGetValue(key.Lease, out List<Key>? views))
            foreach (Key other in views)
                if (!other.Equals(key) && other.Overlaps(key)) _changed.Add(other);
        _filled.Add(key.Lease);
        return Add(key, kind, number);
    }

    private GraphValue Read(string what, Key key, RecordedBlock? block)
    {
        GraphValue value = ValueOf(key, block);
        if (_changed.Contains(key)) _impurities.Add($"{what} reads {value} after it was changed through another view of the same memory");
        return value;
    }

    private static Key KeyOf(RecordedTensor tensor) => new(tensor.Block.Lease, tensor.Layout, tensor.DType);

    private GraphValue ValueOf(Key key, RecordedBlock? block)
    {
        if (_latest.TryGetValue(key, out GraphValue? value)) return value;
        _parameters.TryGetValue(key.Lease, out Tensor? named);
        bool isParameter = named is { IsParameter: true } && named.Layout == key.Layout;
        // Memory that the step has filled, or that an input lies in, is no constant, however it is looked at.
        bool isConstant = block is { IsAlive: true } && (block.IsConstant || !block.IsOfStep) && !_filled.Contains(key.Lease);
        Tensor? data = isParameter ? named : isConstant ? Hold(block!, key) : null;
        value = new(_values.Count, isParameter ? GraphValueKind.Parameter : data is null ? GraphValueKind.Computed : GraphValueKind.Constant, key.Layout.Shape, key.DType, data);
        return Latest(key, value);
    }

    private Tensor Hold(RecordedBlock block, Key key)
    {
        block.Buffer.AddReference();
        Tensor tensor = new(block.Buffer, key.Layout, key.DType, Tensor.Ownership.Caller);
        _data.Add(tensor);
        return tensor;
    }

    /// <summary>Two tensors over the same elements of a block are the same value.</summary>
    private sealed class Key(long lease, Layout layout, DType dtype) : IEquatable<Key>
    {
        public long Lease => lease;
        public Layout Layout => layout;
        public DType DType => dtype;

        public bool Equals(Key? other) => other is not null && lease == other.Lease && dtype == other.DType && layout.Offset == other.Layout.Offset
            && layout.Shape == other.Layout.Shape && layout.Strides.SequenceEqual(other.Layout.Strides);

        /// <summary>Whether the two may have an element in common.</summary>
        public bool Overlaps(Key other)
        {
            (long first, long last) = layout.Extent();
            (long otherFirst, long otherLast) = other.Layout.Extent();
            return first * dtype.Size < (otherLast + 1) * other.DType.Size && otherFirst * other.DType.Size < (last + 1) * dtype.Size;
        }

        public override bool Equals(object? other) => Equals(other as Key);
        public override int GetHashCode() => HashCode.Combine(lease, dtype, layout.Offset, layout.Shape);
    }
}
