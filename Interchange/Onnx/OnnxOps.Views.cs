using Gradwright.Kernels;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddViews()
    {
        Of<Permute>((c, op) => c.Transpose(c[0], op.Order.Select(axis => (long)axis)));
        Of<Reshape>((c, op) => c.Emit("Reshape", [c[0], c.Longs(op.Shape.Span)], op.Shape.Count == 0 ? [Flag("allowzero", true)] : []));
        Of<Expand>((c, op) => c.Emit("Expand", [c[0], c.Longs(op.Shape.Span)]));
        Of<Unsqueeze>((c, op) => c.Emit("Unsqueeze", [c[0], c.Longs(op.Axis)]));
        Of<Squeeze>((c, op) => c.Emit("Squeeze", [c[0], c.Longs(op.Axis)]));
        Of<Select>((c, op) => c.Emit("Gather", [c[0], c.Number(op.Index, DType.Int64)], Int("axis", op.Axis)));
        Of<Slice>((c, op) =>
        {
            // An end in front of the first element has to be far in front of it: small negative numbers count from the end.
            long end = op.Start + op.Length * op.Step;
            return c.Slice(c[0], op.Axis, op.Start, end < 0 ? -int.MaxValue : end, op.Step);
        });
    }

    private static void AddJoining()
    {
        Of<Concat>((c, op) => c.Count == 1 ? c[0] : c.Emit("Concat", c.All, Int("axis", op.Axis)));
        Several<Split>((c, op) =>
        {
            string[] parts = op.Lengths.Length == 1 ? [c[0]] : c.EmitMany("Split", [c[0], c.Longs(op.Lengths)], op.Lengths.Length, Int("axis", op.Axis));
            for (int j = 0; j < parts.Length; j++) c.Set(j, parts[j]);
        });
        Of<Pad>((c, op) => c.Emit("Pad", [c[0], c.Longs([.. op.Before, .. op.After]), c.Number(op.Value, c.Type(0))], Text("mode", "constant")));
        Of<EdgePad>((c, op) =>
        {
            Border[] borders = [op.Depth, op.Height, op.Width];
            int rank = c.Shape(0).Rank;
            long[] pads = new long[2 * rank];
            for (int d = Math.Max(0, rank - 3); d < rank; d++) (pads[d], pads[rank + d]) = (borders[d - rank + 3].Before, borders[d - rank + 3].After);
            return c.Emit("Pad", [c[0], c.Longs(pads)], Text("mode", op.Reflects ? "reflect" : "edge"));
        });
        Of<Triangle>((c, op) => c.Emit("Trilu", [c[0], c.Number(op.Diagonal, DType.Int64)], Flag("upper", op.Upper)));
    }
}
