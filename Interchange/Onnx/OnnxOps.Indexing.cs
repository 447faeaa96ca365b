using Gradwright.Kernels;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddIndexing()
    {
        Of<IndexSelect>((c, op) => c.Emit("Gather", [c[0], c[1]], Int("axis", op.Axis)));
        Of<Gather>((c, op) => c.Emit("GatherElements", [c[0], c[1]], Int("axis", op.Axis)));
        Of<IndexSum>((c, op) =>
        {
            int rank = c.Shape(0).Rank, axis = c.Shape(0).Axis(op.Axis);
            long[] column = new long[rank];
            Array.Fill(column, 1);
            column[axis] = c.Shape(1)[0];
            return Scattered(c, axis, c.Emit("Expand", [c.Reshape(c[1], column), c.Longs(c.Shape(0).Span)]));
        });
        Of<ScatterSum>((c, op) => Scattered(c, c.Shape(0).Axis(op.Axis), c[1]));
        Of<OneHot>((c, op) =>
        {
            string classes = c.Numbers([.. Enumerable.Range(0, checked((int)op.Classes)).Select(i => (double)i)], [op.Classes], DType.Int64);
            string index = c.Emit("Unsqueeze", [c[0], c.Longs(-1)]);
            return c.Cast(c.Emit("Equal", [index, classes]), DType.Bool, op.DType);
        });
        Of<ArgSort>((c, op) => c.EmitMany("TopK", [c[0], c.Longs(op.Length)], 2, Int("axis", op.Axis), Flag("largest", op.Descending), Flag("sorted", true))[1]);
        Of<Sequence>((c, op) =>
        {
            double[] numbers = new double[op.Length];
            for (long i = 0; i < op.Length; i++) numbers[i] = i == op.Length - 1 ? op.Last : op.Start + i * op.Step;
            return c.Numbers(numbers, [op.Length], op.DType);
        });
    }

    /// <summary>Operand 0, added to zeros at the places that an index of its shape names.</summary>
    private static string Scattered(OnnxContext c, int axis, string index)
        => c.Emit("ScatterElements", [Zeros(c, c.Out(0).Shape, c.Type(0)), index, c[0]], Int("axis", axis), Text("reduction", "add"));

    private static string Zeros(OnnxContext c, Shape shape, DType dtype) => c.Emit("Expand", [c.Number(0, dtype), c.Longs(shape.Span)]);
}
