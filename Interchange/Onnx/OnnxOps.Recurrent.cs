using Gradwright.Kernels;
using Gradwright.Onnx;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddRecurrent()
    {
        // Gates here: i, f, g, o; there: i, o, f, g.
        Several<Recurrence<LstmStep>>((c, op) => Recur(c, "LSTM", op.Reverse, op.HasBias, op.HasLengths, [0, 3, 1, 2]));
        // Gates here: r, z, n; there: z, r, n. The reset gate acts on the product of the state.
        Several<Recurrence<GruStep>>((c, op) => Recur(c, "GRU", op.Reverse, op.HasBias, op.HasLengths, [1, 0, 2], Flag("linear_before_reset", true)));
        Several<Recurrence<TanhStep>>((c, op) => Recur(c, "RNN", op.Reverse, op.HasBias, op.HasLengths, [0], Texts("activations", "Tanh")));
        Several<Recurrence<ReluStep>>((c, op) => Recur(c, "RNN", op.Reverse, op.HasBias, op.HasLengths, [0], Texts("activations", "Relu")));
    }

    private static void Recur(OnnxContext c, string type, bool reverse, bool hasBias, bool hasLengths, int[] gates, params AttributeProto[] attributes)
    {
        bool hasCell = type == "LSTM";
        int states = hasCell ? 2 : 1;
        long hidden = c.Shape(1)[1];
        DType dtype = c.Type(0);
        (string x, string weight, string? inputBias) = Input(c, gates.Length * hidden, dtype);
        string? bias = hasBias ? c[2 + states] : null;
        string both = "";
        if (inputBias is not null || bias is not null)
        {
            string none = inputBias is null || bias is null ? c.Repeated(0, [gates.Length * hidden], dtype) : "";
            both = Directed(c, c.Concat(0, Ordered(c, inputBias ?? none, gates), Ordered(c, bias ?? none, gates)));
        }

        string lengths = hasLengths ? c.Cast(c[2 + states + (hasBias ? 1 : 0)], DType.Int64, DType.Int32) : "";
        string[] inputs = [x, Directed(c, Ordered(c, weight, gates)), Directed(c, Ordered(c, c[1], gates)), both, lengths, Directed(c, c[2]), .. hasCell ? [Directed(c, c[3])] : (string[])[]];
        string[] outputs = c.EmitMany(type, inputs, 1 + states, [Int("hidden_size", hidden), Text("direction", reverse ? "reverse" : "forward"), .. attributes]);
        for (int j = 0; j < outputs.Length; j++)
        {
            string y = c.Emit("Squeeze", [outputs[j], c.Longs(j == 0 ? 1 : 0)]);
            // A sequence of no positions keeps its state here; the format leaves that open.
            c.Set(j, j == 0 || !hasLengths ? y : c.Emit("Where", [c.Emit("Equal", [c.Emit("Unsqueeze", [lengths, c.Longs(1)]), c.Number(0, DType.Int32)]), c[1 + j], y]));
        }
    }

    /// <summary>
    /// What the recurrence reads, with weight and bias: here the products of the input are made before, there by the node itself. Products that are no such ones count as the
    /// input, and the unit matrix as the weight.
    /// </summary>
    private static (string X, string Weight, string? Bias) Input(OnnxContext c, long products, DType dtype)
    {
        GraphNode? maker = c.ProducerOf(c.In(0));
        GraphNode? step = maker is { Op: Unsqueeze { Axis: 0 } } ? c.ProducerOf(maker.Inputs[0]) : null;
        if ((step ?? maker) is { Op: MatMul } product && product.Inputs[1].Shape.Rank == 2 && Transposed(c, product.Inputs[1]) is { } weight)
        {
            string x = c.NameOf(product.Inputs[0]);
            return (step is null ? x : Directed(c, x), c.NameOf(weight), product.Inputs.Count > 2 ? c.NameOf(product.Inputs[2]) : null);
        }

        double[] unit = new double[products * products];
        for (long i = 0; i < products; i++) unit[i * products + i] = 1;
        return (c[0], c.Numbers(unit, [products, products], dtype), null);
    }

    /// <summary>Rows of a weight or bias, gate by gate in another order.</summary>
    private static string Ordered(OnnxContext c, string weight, int[] gates)
    {
        if (gates.Length == 1) return weight;
        string[] parts = c.EmitMany("Split", [weight], gates.Length, Int("axis", 0));
        return c.Concat(0, [.. gates.Select(gate => parts[gate])]);
    }

    /// <summary>With a dimension in front, for the one direction.</summary>
    private static string Directed(OnnxContext c, string x) => c.Emit("Unsqueeze", [x, c.Longs(0)]);
}
