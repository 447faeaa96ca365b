using Google.Protobuf;
using Gradwright.Onnx;

namespace Gradwright;

/// <summary>Turns a recorded graph into a model of the format, node by node with the rules of <see cref="OnnxOps"/>.</summary>
internal sealed class OnnxBuilder(CapturedGraph graph, OnnxOptions options)
{
    /// <summary>The edition of the operators that the rules are written for, and the oldest edition of the format that knows it.</summary>
    public const int OperatorSet = 17, Format = 8;

    // A message of the format has at most 2 GB; nodes and names need some of them.
    private const long MostBytes = int.MaxValue - (64 << 20);

    private readonly GraphProto _graph = new() { Name = options.GraphName };
    private readonly Dictionary<GraphValue, string> _names = [];
    private readonly Dictionary<GraphValue, GraphNode> _producers = [];
    private readonly HashSet<string> _used = [];
    private long _bytes;
    private readonly Dictionary<Tensor, string> _state = new(ReferenceEqualityComparer.Instance);

    /// <summary>The whole model.</summary>
    /// <exception cref="OnnxExportException">An op has no counterpart, or the graph is no function of its inputs.</exception>
    public ModelProto Build()
    {
        if (graph.Impurities.Count > 0)
            throw new OnnxExportException($"ONNX export: a file is a function of its inputs, but of this graph {string.Join("; ", graph.Impurities.Take(3))}. "
                + "Record the forward pass alone, in evaluation mode (model.Eval()), of a model that has been run or loaded before.");
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            string name = _names[graph.Inputs[i]] = Unused(i < options.InputNames.Count ? options.InputNames[i] : $"input{i}");
            _graph.Input.Add(OnnxTypes.Describe(name, graph.Inputs[i]));
        }

        foreach (GraphNode node in graph.Nodes)
        {
            foreach (GraphValue output in node.Outputs) _producers[output] = node;
            int start = _graph.Node.Count;
            OnnxOps.Write(new(this, node));
            for (int j = 0; j < node.Outputs.Count; j++)
                if (_names.TryGetValue(node.Outputs[j], out string? name)) _names[node.Outputs[j]] = Rename(start, name, $"t{node.Outputs[j].Id}");
        }

        for (int i = 0; i < graph.Results.Count; i++) AddResult(graph.Results[i], i < options.OutputNames.Count ? options.OutputNames[i] : $"output{i}");
        OnnxCleaning.DropUnused(_graph);
        for (int i = 0; i < _graph.Node.Count; i++) _graph.Node[i].Name = $"{_graph.Node[i].OpType}_{i}";
        ModelProto model = new() { IrVersion = Format, ProducerName = "Gradwright", ProducerVersion = typeof(OnnxFile).Assembly.GetName().Version?.ToString(3) ?? "", Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OperatorSet });
        return model;
    }

    /// <summary>The op that made a value, or null.</summary>
    public GraphNode? ProducerOf(GraphValue value) => _producers.GetValueOrDefault(value);

    /// <summary>A value's name in the file; parameters, constants and fills are written when they are first used.</summary>
    public string NameOf(GraphValue value)
    {
        if (_names.TryGetValue(value, out string? name)) return name;
        return _names[value] = value switch
        {
            { Data: { } data } => Store(Named(data), data),
            { Kind: GraphValueKind.Filled } => Filled(value),
            _ => throw new OnnxExportException($"ONNX export: {value} {value.DType} is read, but no recorded op has computed it. Compute it with ops of the engine, or pass it in as an input."),
        };
    }

    /// <summary>A value is what the file calls so.</summary>
    public void Bind(GraphValue value, string name) => _names[value] = name;

    /// <summary>Adds a node.</summary>
    /// <returns>The names of its results.</returns>
    public string[] Add(string type, IEnumerable<string> inputs, int outputs, IEnumerable<AttributeProto> attributes)
    {
        NodeProto node = new() { OpType = type };
        node.Input.AddRange(inputs);
        node.Attribute.AddRange(attributes);
        for (int i = 0; i < outputs; i++) node.Output.Add(Unused($"{type}"));
        _graph.Node.Add(node);
        return [.. node.Output];
    }

    /// <summary>Adds a constant.</summary>
    /// <param name="dtype">The type of its elements.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="bytes">Its elements.</param>
    public string Store(DType dtype, Shape shape, byte[] bytes) => Store("constant", dtype, shape, bytes);

    private string Store(string name, Tensor tensor)
    {
        long length = tensor.Count * tensor.DType.Size;
        if ((_bytes += length) > MostBytes)
            throw new OnnxExportException($"ONNX export: with '{name}' {tensor.Shape} {tensor.DType} the weights take {_bytes:N0} bytes, but a file of this format holds at most 2 GB. Export the model in parts, or save its state with Safetensors.");
        using MemoryStream bytes = new((int)length);
        TensorBytes.Write(bytes, tensor);
        return Store(name, tensor.DType, tensor.Shape, bytes.GetBuffer());
    }

    private string Store(string name, DType dtype, Shape shape, byte[] bytes)
    {
        TensorProto tensor = new() { Name = Unused(name), DataType = OnnxTypes.NumberOf(dtype), RawData = UnsafeByteOperations.UnsafeWrap(bytes) };
        tensor.Dims.AddRange(shape);
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string Filled(GraphValue value)
    {
        TensorProto number = new() { DataType = OnnxTypes.NumberOf(value.DType), RawData = UnsafeByteOperations.UnsafeWrap(OnnxNumbers.Bytes([value.Number], value.DType)) };
        number.Dims.Add(1);
        string shape = Store(DType.Int64, [value.Shape.Rank], OnnxNumbers.Bytes(value.Shape.Span));
        return Add("ConstantOfShape", [shape], 1, [OnnxAttribute.Tensor("value", number)])[0];
    }

    private string Named(Tensor data)
    {
        if (_state.Count == 0)
            foreach ((string name, Tensor tensor) in options.State) _state.TryAdd(tensor, name);
        if (_state.TryGetValue(data, out string? own)) return own;
        foreach ((Tensor tensor, string name) in _state)
            if (tensor.Buffer == data.Buffer && tensor.Shape == data.Shape && tensor.Layout.Offset == data.Layout.Offset && tensor.Layout.Strides.SequenceEqual(data.Layout.Strides)) return name;
        return data.Name ?? "constant";
    }

    /// <summary>Results have names of their own, also where one is a parameter, an input or another result.</summary>
    private void AddResult(GraphValue value, string wanted)
    {
        string name = NameOf(value), given = Unused(wanted);
        bool isTaken = _graph.Output.Any(output => output.Name == name) || !_graph.Node.Any(node => node.Output.Contains(name));
        if (isTaken) OnnxCleaning.Rename(_graph, 0, Add("Identity", [name], 1, [])[0], given);
        else
        {
            OnnxCleaning.Rename(_graph, 0, name, given);
            foreach (GraphValue other in _names.Where(entry => entry.Value == name).Select(entry => entry.Key).ToArray()) _names[other] = given;
        }

        _graph.Output.Add(OnnxTypes.Describe(given, value));
    }

    /// <summary>What an op's last node computes gets the value's own name; what is only passed on keeps its name.</summary>
    private string Rename(int start, string name, string wanted)
    {
        for (int i = start; i < _graph.Node.Count; i++)
        {
            if (!_graph.Node[i].Output.Contains(name)) continue;
            wanted = Unused(wanted);
            OnnxCleaning.Rename(_graph, start, name, wanted);
            return wanted;
        }

        return name;
    }

    private string Unused(string wanted)
    {
        string name = wanted;
        for (int i = 2; !_used.Add(name); i++) name = $"{wanted}.{i}";
        return name;
    }
}
