using Gradwright.Kernels;
using Gradwright.Onnx;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

/// <summary>What a rule sees: one recorded op, and the file that grows. Operands and results are names of values in the file.</summary>
internal sealed class OnnxContext(OnnxBuilder builder, GraphNode node)
{
    /// <summary>Number of operands.</summary>
    public int Count => node.Inputs.Count;

    /// <summary>The name of operand i.</summary>
    public string this[int i] => builder.NameOf(node.Inputs[i]);

    /// <summary>Every operand's name.</summary>
    public string[] All => [.. node.Inputs.Select(builder.NameOf)];

    /// <summary>The op.</summary>
    public Op Op => node.Op;

    /// <summary>Operand i.</summary>
    public GraphValue In(int i) => node.Inputs[i];

    /// <summary>Result j.</summary>
    public GraphValue Out(int j) => node.Outputs[j];

    /// <summary>The shape of operand i.</summary>
    public Shape Shape(int i) => node.Inputs[i].Shape;

    /// <summary>The element type of operand i.</summary>
    public DType Type(int i) => node.Inputs[i].DType;

    /// <summary>The op that made a value, or null.</summary>
    public GraphNode? ProducerOf(GraphValue value) => builder.ProducerOf(value);

    /// <summary>The name of any value.</summary>
    public string NameOf(GraphValue value) => builder.NameOf(value);

    /// <summary>Says that result j is the value of this name.</summary>
    public void Set(int j, string name)
    {
        if (j < node.Outputs.Count) builder.Bind(node.Outputs[j], name);
    }

    /// <summary>Adds a node with one result.</summary>
    public string Emit(string type, string[] inputs, params AttributeProto[] attributes) => builder.Add(type, inputs, 1, attributes)[0];

    /// <summary>Adds a node with several results.</summary>
    public string[] EmitMany(string type, string[] inputs, int outputs, params AttributeProto[] attributes) => builder.Add(type, inputs, outputs, attributes);

    /// <summary>A constant vector of whole numbers, [n].</summary>
    public string Longs(params ReadOnlySpan<long> numbers) => builder.Store(DType.Int64, [numbers.Length], OnnxNumbers.Bytes(numbers));

    /// <summary>A constant number, [].</summary>
    public string Number(double value, DType dtype) => builder.Store(dtype, Gradwright.Shape.Create(), OnnxNumbers.Bytes([value], dtype));

    /// <summary>A constant of any shape.</summary>
    public string Numbers(double[] values, Shape shape, DType dtype) => builder.Store(dtype, shape, OnnxNumbers.Bytes(values, dtype));

    /// <summary>A constant that repeats a number.</summary>
    public string Repeated(double value, Shape shape, DType dtype)
    {
        double[] values = new double[shape.Count];
        Array.Fill(values, value);
        return Numbers(values, shape, dtype);
    }

    public string Reshape(string x, params ReadOnlySpan<long> lengths) => Emit("Reshape", [x, Longs(lengths)]);

    public string Transpose(string x, params IEnumerable<long> order) => Emit("Transpose", [x], Ints("perm", order));

    public string Cast(string x, DType from, DType to) => from == to ? x : Emit("Cast", [x], Int("to", OnnxTypes.NumberOf(to)));

    /// <summary>Elements <paramref name="start"/> to <paramref name="end"/> − 1 along one dimension.</summary>
    public string Slice(string x, int axis, long start, long end, long step = 1) => Emit("Slice", [x, Longs(start), Longs(end), Longs(axis), Longs(step)]);

    public string Concat(int axis, params string[] parts) => parts.Length == 1 ? parts[0] : Emit("Concat", parts, Int("axis", axis));

    /// <summary>The op and its shapes, with a reason and a remedy.</summary>
    public OnnxExportException Refuse(string reason)
        => new($"ONNX export: {node.Op.Name}({string.Join(", ", node.Inputs.Select(Described))}) → {string.Join(", ", node.Outputs.Select(Described))}: {reason}");

    private static string Described(GraphValue value) => $"{value} {value.DType}";
}
