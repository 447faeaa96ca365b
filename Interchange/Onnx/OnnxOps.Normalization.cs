using Gradwright.Kernels;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddNormalization()
    {
        Of<BatchNormInference>((c, op) =>
        {
            // Operands here: x, mean, variance, scale, shift; there: x, scale, shift, mean, variance.
            Shape channels = c.Shape(1);
            (string scale, string shift) = c.Count > 3 ? (c[3], c[4]) : (c.Repeated(1, channels, c.Type(1)), c.Repeated(0, channels, c.Type(1)));
            return c.Emit("BatchNormalization", [c[0], scale, shift, c[1], c[2]], Float("epsilon", op.Epsilon));
        });
        Of<LayerNorm>((c, op) =>
        {
            string scale = c.Count > 1 ? c[1] : c.Repeated(1, Shape.Create(c.Shape(0).Span[^op.Dimensions..]), c.Type(0));
            return c.Emit("LayerNormalization", c.Count > 2 ? [c[0], scale, c[2]] : [c[0], scale], Int("axis", -op.Dimensions), Float("epsilon", op.Epsilon));
        });
        Of<RmsNorm>((c, op) =>
        {
            string mean = c.Emit("ReduceMean", [c.Emit("Mul", [c[0], c[0]])], Ints("axes", Enumerable.Range(1, op.Dimensions).Select(d => -(long)d)), Flag("keepdims", true));
            string y = c.Emit("Div", [c[0], c.Emit("Sqrt", [c.Emit("Add", [mean, c.Number(op.Epsilon, c.Type(0))])])]);
            return c.Count > 1 ? c.Emit("Mul", [y, c[1]]) : y;
        });
        Of<GroupNorm>((c, op) =>
        {
            // A group is a channel of [N, groups, elements], whose instances are normalised.
            Shape x = c.Shape(0);
            string rows = c.Reshape(c[0], x[0], op.Groups, -1);
            string normal = c.Emit("InstanceNormalization", [rows, c.Repeated(1, [op.Groups], c.Type(0)), c.Repeated(0, [op.Groups], c.Type(0))], Float("epsilon", op.Epsilon));
            string y = c.Reshape(normal, x.Span);
            if (c.Count > 1) y = c.Emit("Mul", [y, PerChannel(c, 1)]);
            return c.Count > 2 ? c.Emit("Add", [y, PerChannel(c, 2)]) : y;
        });
    }

    /// <summary>Operand i, [C] or [N, C], as [C, 1…] or [N, C, 1…].</summary>
    private static string PerChannel(OnnxContext c, int i)
    {
        long[] ones = new long[c.Shape(0).Rank - 2];
        Array.Fill(ones, 1);
        return ones.Length == 0 ? c[i] : c.Reshape(c[i], [.. c.Shape(i).Span, .. ones]);
    }
}
