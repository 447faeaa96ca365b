using Gradwright.Kernels;
using Gradwright.Onnx;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddPooling()
    {
        Of<MaxPool2D>((c, op) => MaxPool(c, [AxisMap.Windows(op.Vertical, op.CeilMode), AxisMap.Windows(op.Horizontal, op.CeilMode)], indices: false)[0]);
        Of<AveragePool2D>((c, op) => AveragePool(c,
            [AxisMap.Windows(op.Vertical, op.CeilMode, op.CountsPadding), AxisMap.Windows(op.Horizontal, op.CeilMode, op.CountsPadding)]));
        Of<MaxRegions>((c, op) => Array.TrueForAll(op.Maps, map => map.Rule == AxisRule.Window) ? MaxPool(c, op.Maps, indices: false)[0] : MaxOfRegions(c, op));
        Several<MaxRegionsWithIndex>((c, op) =>
        {
            if (Array.Exists(op.Regions.Maps, map => map.Rule != AxisRule.Window)) throw c.Refuse("positions of maxima are known to the format for sliding windows only. Drop the positions.");
            string[] pooled = MaxPool(c, op.Regions.Maps, indices: true);
            // The format counts through the whole tensor, not through each plane.
            long plane = c.Shape(0).Span[2..].ToArray().Aggregate(1L, (count, length) => count * length);
            c.Set(0, pooled[0]);
            c.Set(1, c.Emit("Mod", [pooled[1], c.Number(plane, DType.Int64)]));
        });
        Of<MaxUnpool>((c, op) =>
        {
            Shape x = c.Shape(0);
            long plane = op.Sizes.Aggregate(1L, (count, length) => count * length);
            string zeros = Zeros(c, [x[0], x[1], plane], c.Type(0));
            string flat = c.Emit("ScatterElements", [zeros, c.Reshape(c[1], x[0], x[1], -1), c.Reshape(c[0], x[0], x[1], -1)], Int("axis", 2));
            return c.Reshape(flat, c.Out(0).Shape.Span);
        });
    }

    private static string[] MaxPool(OnnxContext c, AxisMap[] maps, bool indices)
    {
        (string x, AttributeProto pads) = Bordered(c, maps, double.NegativeInfinity, keepsPositions: indices);
        return c.EmitMany("MaxPool", [x], indices ? 2 : 1, [.. Sizes(maps), pads, Ints("dilations", maps.Select(map => (long)map.Window.Dilation))]);
    }

    // The border that counts is made of zeros first; what the format adds itself does not count.
    private static string AveragePool(OnnxContext c, AxisMap[] maps)
    {
        string x = c[0];
        long[] before = [.. maps.Select(map => map.CountsPadding ? (long)map.Window.Padding : 0)];
        if (before.Any(border => border > 0)) x = c.Emit("Pad", [x, c.Longs([0, 0, .. before, 0, 0, .. before]), c.Number(0, c.Type(0))], Text("mode", "constant"));
        long[] pads = [.. maps.Select((map, d) => map.Window.Padding - before[d]), .. maps.Select((map, d) => map.Window.Padding - before[d] + Overhang(c, map, d))];
        for (int d = 0; d < pads.Length; d++)
            if (pads[d] >= maps[d % maps.Length].Window.Size) throw c.Refuse($"its border of {pads[d]} is as wide as the window of {maps[d % maps.Length].Window.Size}, which programs refuse. Pad less.");
        return c.Emit("AveragePool", [x], [.. Sizes(maps), Ints("pads", pads), Flag("count_include_pad", false)]);
    }

    /// <summary>The operand with a border where the format's own must be narrower than the window.</summary>
    private static (string X, AttributeProto Pads) Bordered(OnnxContext c, AxisMap[] maps, double value, bool keepsPositions)
    {
        long[] pads = [.. maps.Select(map => (long)map.Window.Padding), .. maps.Select((map, d) => map.Window.Padding + Overhang(c, map, d))];
        int axes = maps.Length;
        if (!pads.Where((pad, d) => pad >= maps[d % axes].Window.Size).Any()) return (c[0], Ints("pads", pads));
        if (keepsPositions) throw c.Refuse("its border is as wide as the window, which programs refuse where positions are asked for. Pad less.");
        string padded = c.Emit("Pad", [c[0], c.Longs([0, 0, .. pads[..axes], 0, 0, .. pads[axes..]]), c.Number(value, c.Type(0))], Text("mode", "constant"));
        return (padded, Ints("pads", new long[2 * axes]));
    }

    /// <summary>How far the last window reaches over the border's end, so that rounding up needs no attribute, which programs read differently.</summary>
    private static long Overhang(OnnxContext c, AxisMap map, int axis)
    {
        Window w = map.Window;
        return Math.Max(0, (c.Out(0).Shape[2 + axis] - 1) * w.Stride + w.Extent - (c.Shape(0)[2 + axis] + 2L * w.Padding));
    }

    private static AttributeProto[] Sizes(AxisMap[] maps)
        => [Ints("kernel_shape", maps.Select(map => (long)map.Window.Size)), Ints("strides", maps.Select(map => (long)map.Window.Stride))];

    // Axis by axis: the elements of all regions side by side, shorter ones with an element twice, and their maxima.
    private static string MaxOfRegions(OnnxContext c, MaxRegions op)
    {
        long draw = 0;
        if (c.Count > 1)
        {
            if (c.In(1).Kind != GraphValueKind.Filled) throw c.Refuse(Draws);
            draw = (long)c.In(1).Number;
        }

        string y = c[0];
        for (int d = 0; d < op.Maps.Length; d++)
        {
            AxisPlan plan = op.Maps[d].On(op, "axis", c.Shape(0)[2 + d]);
            if (plan.IsIdentity) continue;
            AxisSpan[] spans = [.. Enumerable.Range(0, (int)plan.Output).Select(i => plan.Span(i, draw))];
            int most = spans.Max(span => span.Count);
            double[] index = [.. spans.SelectMany(span => Enumerable.Range(0, most).Select(k => (double)(span.First + Math.Min(k, span.Count - 1) * (plan.Rule == AxisRule.Window ? plan.Dilation : 1))))];
            y = c.Emit("Gather", [y, c.Numbers(index, [spans.Length, most], DType.Int64)], Int("axis", 2 + d));
            y = c.Emit("ReduceMax", [y], Ints("axes", 3 + d), Flag("keepdims", false));
        }

        return y;
    }
}
