using System.Runtime.InteropServices;

namespace Gradwright.Tests.Interchange.Onnx;

/// <summary>A file as the tests see it, read by field numbers alone.</summary>
public sealed class OnnxModel
{
    private OnnxModel(ProtoReader model)
    {
        Format = model.Number(1);
        OperatorSet = model.Messages(8).Single().Number(2);
        ProtoReader graph = model.Messages(7).Single();
        Nodes = [.. graph.Messages(1).Select(node => new OnnxNode(node.Text(4), node.Text(3), node.Texts(1), node.Texts(2), node.Messages(5).ToDictionary(a => a.Text(1))))];
        Initializers = graph.Messages(5).ToDictionary(t => t.Text(8), t => new OnnxTensor((int)t.Number(2), t.Numbers(1), t.Bytes(9)));
        Inputs = [.. graph.Messages(11).Select(Described)];
        Outputs = [.. graph.Messages(12).Select(Described)];
    }

    public long Format { get; }
    public long OperatorSet { get; }
    public OnnxNode[] Nodes { get; }
    public Dictionary<string, OnnxTensor> Initializers { get; }

    /// <summary>Names, numbers of element types, and lengths, which are numbers or names.</summary>
    public (string Name, int Type, string[] Shape)[] Inputs { get; }

    public (string Name, int Type, string[] Shape)[] Outputs { get; }

    public static OnnxModel Read(ReadOnlySpan<byte> file) => new(new ProtoReader(file));

    public static OnnxModel Of(CapturedGraph graph, OnnxOptions? options = null)
    {
        using MemoryStream stream = new();
        OnnxFile.Save(stream, graph, options);
        return Read(stream.ToArray());
    }

    public static OnnxModel Of(Func<Tensor[], Tensor[]> function, params Tensor[] x)
    {
        _ = function(x);        // initial values are no part of the graph
        using CapturedGraph graph = CapturedGraph.Of(function, x);
        return Of(graph);
    }

    private static (string, int, string[]) Described(ProtoReader value)
    {
        ProtoReader tensor = value.Messages(2).Single().Messages(1).Single();
        return (value.Text(1), (int)tensor.Number(1), [.. tensor.Messages(2).Single().Messages(1).Select(d => d.Has(2) ? d.Text(2) : $"{(d.Has(1) ? d.Number(1) : 0)}")]);
    }
}

/// <summary>A node; attributes are messages by name.</summary>
public sealed record OnnxNode(string Type, string Name, string[] Inputs, string[] Outputs, Dictionary<string, ProtoReader> Attributes)
{
    public long[] Ints(string name) => Attributes[name].Numbers(8);
    public long Int(string name, long otherwise = 0) => Attributes.TryGetValue(name, out ProtoReader? attribute) ? attribute.Number(3) : otherwise;
}

/// <summary>A weight or constant: type 1 is Float32, 7 Int64, 9 Bool.</summary>
public sealed record OnnxTensor(int Type, long[] Dims, byte[] Data)
{
    private static readonly Dictionary<int, int> _sizes = new() { [1] = 4, [2] = 1, [3] = 1, [6] = 4, [7] = 8, [9] = 1, [10] = 2, [11] = 8, [16] = 2 };

    public long Count => Dims.Aggregate(1L, (count, length) => count * length);

    public int Size => _sizes[Type];

    public double[] Values() => Type switch
    {
        1 => [.. MemoryMarshal.Cast<byte, float>(Data).ToArray().Select(v => (double)v)],
        7 => [.. MemoryMarshal.Cast<byte, long>(Data).ToArray().Select(v => (double)v)],
        11 => MemoryMarshal.Cast<byte, double>(Data).ToArray(),
        _ => throw new FormatException($"element type {Type}"),
    };
}
