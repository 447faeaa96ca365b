using System.Runtime.InteropServices;
using Google.Protobuf;
using Gradwright.Onnx;

namespace Gradwright;

/// <summary>
/// A batch of any length: the function is recorded with two, and the files compared. Only lengths of shapes may differ, and only by being a multiple of the batch's; they
/// are then computed from the input's shape when the file is run.
/// </summary>
internal sealed class OnnxBatch
{
    private const string Batch = "batch";

    private readonly ModelProto _one, _two;
    private readonly long _first, _second;
    private readonly List<NodeProto> _shapes = [];

    private OnnxBatch(ModelProto one, ModelProto two, long first, long second) => (_one, _two, _first, _second) = (one, two, first, second);

    /// <summary>Records a function with the samples, and with longer ones made of their rows.</summary>
    /// <exception cref="OnnxExportException">The two do not do the same.</exception>
    public static ModelProto Record(Func<Tensor[], Tensor[]> function, Tensor[] samples, OnnxOptions options)
    {
        if (samples.Length == 0 || samples.Any(x => x.Rank == 0 || x.Shape[0] < 1 || x.Shape[0] != samples[0].Shape[0]))
            throw new OnnxExportException($"ONNX export: a dynamic batch is the first dimension of every input, with one length; the samples are {string.Join(", ", samples.Select(x => x.Shape))}. Leave DynamicBatch out.");
        long first = samples[0].Shape[0], second = 2 * first + 1;
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        using Tensor rows = Tensor.From([.. Enumerable.Range(0, checked((int)second)).Select(i => i % first)]);
        ModelProto one = OnnxFile.Record(function, samples, options);
        ModelProto two = OnnxFile.Record(function, [.. samples.Select(x => x.IndexSelect(0, rows.To(x.Accelerator)))], options);
        return new OnnxBatch(one, two, first, second).Join();
    }

    private ModelProto Join()
    {
        GraphProto a = _one.Graph, b = _two.Graph;
        for (int i = 0; i < Math.Max(a.Node.Count, b.Node.Count); i++)
        {
            if (i >= a.Node.Count || i >= b.Node.Count || !a.Node[i].Equals(b.Node[i]))
                throw Differs($"node {i} is {(i < a.Node.Count ? a.Node[i].ToString() : "missing")} with the one and {(i < b.Node.Count ? b.Node[i].ToString() : "missing")} with the other");
        }

        Dictionary<string, TensorProto> others = b.Initializer.ToDictionary(tensor => tensor.Name);
        foreach (TensorProto tensor in a.Initializer.ToArray())
        {
            if (!others.TryGetValue(tensor.Name, out TensorProto? other)) throw Differs($"constant '{tensor.Name}' is missing with the other");
            if (tensor.Equals(other)) continue;
            a.Initializer.Remove(tensor);
            Compute(tensor, other);
        }

        for (int i = _shapes.Count - 1; i >= 0; i--) a.Node.Insert(0, _shapes[i]);
        for (int i = 0; i < a.Node.Count; i++) a.Node[i].Name = $"{a.Node[i].OpType}_{i}";
        foreach ((ValueInfoProto mine, ValueInfoProto other) in a.Input.Zip(b.Input).Concat(a.Output.Zip(b.Output))) Open(mine, other);
        return _one;
    }

    /// <summary>A vector of lengths whose entries are constant or multiples of the batch, computed when the file is run.</summary>
    private void Compute(TensorProto tensor, TensorProto other)
    {
        string name = tensor.Name;
        bool isLengths = tensor.DataType == OnnxTypes.NumberOf(DType.Int64) && tensor.Dims.Count == 1 && tensor.Dims.Equals(other.Dims);
        ReadOnlySpan<long> mine = isLengths ? MemoryMarshal.Cast<byte, long>(tensor.RawData.Span) : [], others = isLengths ? MemoryMarshal.Cast<byte, long>(other.RawData.Span) : [];
        if (!isLengths) throw Differs($"{Where(name)} contains numbers that depend on it");
        List<string> parts = [];
        for (int i = 0; i < mine.Length; i++)
        {
            if (mine[i] == others[i])
            {
                parts.Add(Constant($"{name}/{i}", mine[i]));
                continue;
            }

            long factor = mine[i] / _first;
            if (factor * _first != mine[i] || factor * _second != others[i]) throw Differs($"{Where(name)} has length {mine[i]} with the one and {others[i]} with the other, which is no multiple of it");
            string batch = Length();
            parts.Add(factor == 1 ? batch : Add("Mul", $"{name}/{i}", [batch, Constant($"{name}/{i}/factor", factor)]));
        }

        NodeProto joined = new() { OpType = "Concat" };
        joined.Input.AddRange(parts);
        joined.Output.Add(name);
        joined.Attribute.Add(OnnxAttribute.Int("axis", 0));
        _shapes.Add(joined);
    }

    /// <summary>The batch's length, [1].</summary>
    private string Length()
    {
        const string Name = Batch + "/length";
        if (_shapes.Any(node => node.Output[0] == Name)) return Name;
        string shape = Add("Shape", Batch + "/shape", [_one.Graph.Input[0].Name]);
        return Add("Slice", Name, [shape, Constant(Batch + "/start", 0), Constant(Batch + "/end", 1)]);
    }

    private string Add(string type, string name, string[] inputs)
    {
        NodeProto node = new() { OpType = type };
        node.Input.AddRange(inputs);
        node.Output.Add(name);
        _shapes.Add(node);
        return name;
    }

    private string Constant(string name, long value)
    {
        TensorProto tensor = new() { Name = name, DataType = OnnxTypes.NumberOf(DType.Int64), RawData = ByteString.CopyFrom(OnnxNumbers.Bytes([value])) };
        tensor.Dims.Add(1);
        _one.Graph.Initializer.Add(tensor);
        return name;
    }

    /// <summary>Lengths that differ get a name instead.</summary>
    private void Open(ValueInfoProto mine, ValueInfoProto other)
    {
        for (int d = 0; d < mine.Type.TensorType.Shape.Dim.Count; d++)
        {
            TensorShapeProto.Types.Dimension length = mine.Type.TensorType.Shape.Dim[d];
            (long a, long b) = (length.DimValue, other.Type.TensorType.Shape.Dim[d].DimValue);
            if (a == b) continue;
            length.DimParam = a == _first && b == _second ? Batch : $"{mine.Name}_{d}";
        }
    }

    private string Where(string name) => $"'{name}', an operand of {string.Join(" and ", _one.Graph.Node.Where(node => node.Input.Contains(name)).Select(node => $"{node.OpType} '{node.Output[0]}'"))},";

    private OnnxExportException Differs(string how)
        => new($"ONNX export: the function does not do the same with batches of {_first} and {_second}: {how}. Leave DynamicBatch out, or write the function so that only Reshape and Expand name the batch's length.");
}
