using Gradwright.Kernels;

namespace Gradwright.Layers;

/// <summary>What a model computes, op by op and each in its module, seen by running it once.</summary>
public sealed class ModelGraph
{
    private readonly List<ModelNode> _nodes = [];
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<Tensor, string> _known = new(ReferenceEqualityComparer.Instance);      // what made a tensor
    private readonly Dictionary<Tensor, string> _state;         // paths of parameters and buffers
    private readonly Dictionary<Module, string> _groups = [];
    private readonly Stack<Module> _running = [];

    private ModelGraph(Module model)
    {
        _state = new(ReferenceEqualityComparer.Instance);
        foreach ((string name, Tensor tensor) in model.StateDictionary()) _state.TryAdd(tensor, name);
        Dictionary<string, Module> modules = model.Walk().ToDictionary(entry => entry.Path, entry => entry.Module);
        foreach ((string path, Module module) in modules) _groups[module] = Group(path, modules);
    }

    /// <summary>The nodes, each after those that it takes.</summary>
    public IReadOnlyList<ModelNode> Nodes => _nodes;

    /// <summary>Runs the model on a sample, in evaluation mode and unrecorded, and notes what is computed.</summary>
    public static ModelGraph Of<TIn, TOut>(Module<TIn, TOut> model, TIn sample)
    {
        ArgumentNullException.ThrowIfNull(model);
        using EvaluationMode mode = new(model);
        model.Build(sample);
        ModelGraph graph = new(model);
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        if (sample is Tensor input) graph._known[input] = graph.Add("input", "Input", [], input.Shape);
        using (new ForwardListener(model, (module, _) => graph._running.Push(module), (_, _, _) => graph._running.Pop()))
        using (OpMonitor.Start(graph.Note))
            model.Forward(sample);
        return graph;
    }

    private void Note(Op op, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        List<string> inputs = [];
        foreach (Tensor tensor in x) inputs.Add(NameOf(tensor));
        string name = Add($"{Here}{op.Name}", op.Name, inputs, y[0]?.Shape ?? []);
        foreach (Tensor? tensor in y)
            if (tensor is not null) _known[tensor] = name;
    }

    private string NameOf(Tensor tensor)
        => _known.TryGetValue(tensor, out string? name) ? name
            : _known[tensor] = _state.TryGetValue(tensor, out string? path)
                ? Add($"{Here}{path[(path.LastIndexOf('.') + 1)..]}", tensor.IsParameter ? "Parameter" : "Constant", [], tensor.Shape)
                : Add($"{Here}constant", "Constant", [], tensor.Shape);

    private string Here => _running.Count == 0 ? "" : _groups[_running.Peek()];

    private string Add(string name, string op, IReadOnlyList<string> inputs, Shape output)
    {
        string unique = name;
        for (int i = 1; !_names.Add(unique); i++) unique = $"{name}_{i}";
        _nodes.Add(new(unique, op, inputs, output, _running.Count == 0 ? "" : _running.Peek().ToString()!));
        return unique;
    }

    // Of the path layers.0.norm: "layers/0_Block/norm_BatchNorm2D/"; a list of modules is no module itself.
    private static string Group(string path, Dictionary<string, Module> modules)
    {
        if (path.Length == 0) return "";
        string[] names = path.Split('.');
        IEnumerable<string> parts = names.Select((name, i) => modules.TryGetValue(string.Join('.', names[..(i + 1)]), out Module? module) ? $"{name}_{module.GetType().Name}" : name);
        return $"{string.Join('/', parts.Select(part => part.Replace('`', '_')))}/";
    }
}
