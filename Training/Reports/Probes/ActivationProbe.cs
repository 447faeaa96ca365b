using Gradwright.Kernels;
using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// Listens to a model while it runs, and notes how the results of its layers are spread and which units never answer. Rectifiers and sigmoids are found as ops, so those
/// that a block applies by itself are seen as well as layers.
/// </summary>
internal sealed class ActivationProbe : IDisposable
{
    private readonly Dictionary<Module, string> _paths;
    private readonly OrderedDictionary<(Module Module, int Number), ActivationNotes> _notes = [];
    private readonly ForwardListener _listener;
    private readonly Stack<Module> _running = [];
    private readonly Dictionary<Module, int> _counts = [];      // activations in each module during this pass
    private (Tensor? Result, ActivationNotes? Notes) _last;     // of the activation that ran last
    private bool _followsConvolution;

    public ActivationProbe(Module model)
    {
        _paths = model.Walk().ToDictionary(entry => entry.Module, entry => entry.Path);
        _listener = new(model, Before, After);
    }

    /// <summary>What has been noted, in the order in which it ran.</summary>
    public IReadOnlyList<ActivationView> Views => [.. _notes.Values.Select(notes => notes.View())];

    /// <summary>Listens to ops too, on this thread, until the result is disposed.</summary>
    public OpMonitor.Watch Listen() => OpMonitor.Start(Note);

    public void Dispose() => _listener.Dispose();

    private void Before(Module module, object? input)
    {
        if (_running.Count == 0) _counts.Clear();
        _running.Push(module);
    }

    private void Note(Op op, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ActivationKind kind = op switch
        {
            Unary<Relu> => ActivationKind.Rectifier,
            Unary<Kernels.Sigmoid> or Unary<Kernels.HardSigmoid> => ActivationKind.Sigmoid,
            Unary<Kernels.Tanh> => ActivationKind.Tanh,
            _ => ActivationKind.Other,
        };
        if (kind == ActivationKind.Other || _running.Count == 0 || y[0] is not { Count: > 0, Rank: > 0 } result) return;
        Module module = _running.Peek();
        int number = _counts[module] = _counts.GetValueOrDefault(module) + 1;
        string path = _paths[module];
        _last = (result, Note((module, number), result, kind, $"{path}{(path.Length > 0 ? ": " : "")}{op.Name} {number}", $"in {module.GetType().Name}"));
    }

    private void After(Module module, object? input, object? output)
    {
        _running.Pop();
        if (module.Members.Parameters is [(_, Tensor first), ..] && first.Rank > 1) _followsConvolution = first.Rank > 2;
        if (module.Children.Count > 0 || output is not Tensor { DType.IsFloating: true, Count: > 0, Rank: > 0 } y) return;
        string path = _paths[module], layer = module.ToString()!;
        // What only looks at its input in another way, or lets it pass, has nothing of its own to tell.
        if (ReferenceEquals(y, _last.Result)) _last.Notes!.Name(path, layer);
        else if (!(input is Tensor x && x.Buffer == y.Buffer)) Note((module, 0), y, module is ReLU6 ? ActivationKind.Rectifier : ActivationKind.Other, path, layer);
    }

    private ActivationNotes Note((Module, int) key, Tensor y, ActivationKind kind, string path, string layer)
    {
        using TensorScope scope = new();
        int axis = y.Rank == 1 ? 0 : y.Rank == 3 && !_followsConvolution ? 2 : 1;      // of the units: [batch, units, …], or [batch, positions, units]
        if (!_notes.TryGetValue(key, out ActivationNotes? notes))
        {
            _notes[key] = notes = new(y, y.Shape[axis], kind);
            notes.Name(path, layer);
        }

        if (kind == ActivationKind.Rectifier) notes.AddLargest(HostValues.Numbers(y.Rank == 1 ? y : y.Max([.. Enumerable.Range(0, y.Rank).Where(i => i != axis)])));
        return notes;
    }
}
