using Gradwright.Kernels;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddSampling()
    {
        Of<Resample>((c, op) =>
        {
            AxisMap[] maps = op.Maps;
            if (Array.TrueForAll(maps, map => map.Rule == AxisRule.Window)) return AveragePool(c, maps);
            if (Array.TrueForAll(maps, map => map.Rule == AxisRule.Linear && map.AlignCorners == maps[0].AlignCorners))
                return Resize(c, "linear", maps[0].AlignCorners ? "align_corners" : "half_pixel");
            bool isMultiple = !maps.Where((map, d) => map.Rule != AxisRule.Nearest || map.Output % c.Shape(0)[2 + d] != 0).Any();
            return isMultiple ? Resize(c, "nearest", "asymmetric") : Mapped(c, op);
        });
        Of<GridSample>((c, op) =>
        {
            if (op.OrderX + op.OrderY > 0) throw c.Refuse("it is a derivative by the places, which the format has not. Export the forward pass alone.");
            string border = op.Border switch { GridBorder.Zeros => "zeros", GridBorder.Reflect => "reflection", _ => "border" };
            return c.Emit("GridSample", [c[0], c[1]], Text("mode", op.Linear ? "bilinear" : "nearest"), Text("padding_mode", border), Flag("align_corners", op.AlignCorners));
        });
        Of<RoiAlign>((c, op) =>
        {
            string image = c.Cast(c.Emit("Squeeze", [c.Slice(c[1], 1, 0, 1), c.Longs(1)]), c.Type(1), DType.Int64);
            return c.Emit("RoiAlign", [c[0], c.Slice(c[1], 1, 1, 5), image], Int("output_height", op.Height), Int("output_width", op.Width), Int("sampling_ratio", op.Samples),
                Float("spatial_scale", op.Scale), Text("coordinate_transformation_mode", op.Aligned ? "half_pixel" : "output_half_pixel"));
        });
    }

    private static string Resize(OnnxContext c, string mode, string places)
    {
        double[] scales = [1, 1, .. c.Shape(0).Span[2..].ToArray().Select((length, d) => Factor(length, c.Out(0).Shape[2 + d]))];
        return c.Emit("Resize", [c[0], "", c.Numbers(scales, [scales.Length], DType.Float32)],
            Text("mode", mode), Text("coordinate_transformation_mode", places), Text("nearest_mode", "floor"));
    }

    /// <summary>A factor in single precision that makes the length, rounded down, exactly what it should be.</summary>
    private static float Factor(long length, long wanted)
    {
        float factor = (float)((double)wanted / length);
        return MathF.Floor(length * factor) < wanted ? MathF.BitIncrement(factor) : factor;
    }

    // Any linear map along an axis is a product with the matrix of its weights, [length, positions].
    private static string Mapped(OnnxContext c, Resample op)
    {
        string y = c[0];
        int rank = c.Shape(0).Rank;
        for (int d = 0; d < op.Maps.Length; d++)
        {
            AxisPlan plan = op.Maps[d].On(op, "axis", c.Shape(0)[2 + d]);
            if (plan.IsIdentity) continue;
            double[] weights = new double[plan.Input * plan.Output];
            for (long i = 0; i < plan.Output; i++)
            {
                AxisSpan span = plan.Span(i);
                for (long j = span.First; j < span.End; j++) weights[j * plan.Output + i] = plan.Weight(i, j);
            }

            // The axis goes to the end and back; exchanging two dimensions undoes itself.
            long[] order = [.. Enumerable.Range(0, rank).Select(k => (long)(k == 2 + d ? rank - 1 : k == rank - 1 ? 2 + d : k))];
            string product = c.Emit("MatMul", [2 + d == rank - 1 ? y : c.Transpose(y, order), c.Numbers(weights, [plan.Input, plan.Output], c.Type(0))]);
            y = 2 + d == rank - 1 ? product : c.Transpose(product, order);
        }

        return y;
    }
}
