using Gradwright.Kernels;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddAttention() => Of<Attention>((c, op) =>
    {
        if (op.Dropped > 0) throw c.Refuse(Draws);
        DType dtype = c.Type(0);
        Shape q = c.Shape(0), k = c.Shape(1);
        long[] turn = [.. Enumerable.Range(0, q.Rank - 2), q.Rank - 1, q.Rank - 2];
        string scores = c.Emit("Mul", [c.Emit("MatMul", [c[0], c.Transpose(c[1], turn)]), c.Number(op.Scale, dtype)]);
        if (c.Count > 3 && c.Type(c.Count - 1) != DType.Bool) scores = c.Emit("Add", [scores, c[c.Count - 1]]);
        string? mask = c.Count > 3 && c.Type(3) == DType.Bool ? c[3] : null;
        if (op.Causal)
        {
            string earlier = Earlier(c, q[^2], k[^2]);
            mask = mask is null ? earlier : c.Emit("And", [mask, earlier]);
        }

        if (mask is not null) scores = c.Emit("Where", [mask, scores, c.Number(double.NegativeInfinity, dtype)]);
        string weights = c.Emit("Softmax", [scores], Int("axis", -1));
        // A query without any key in sight has a softmax of NaN, but a result of 0.
        if (c.Count > 3 && c.Type(3) == DType.Bool) weights = c.Emit("Where", [mask!, weights, c.Number(0, dtype)]);
        return c.Emit("MatMul", [weights, c[2]]);
    });

    /// <summary>Whether key j stands at or in front of query i: [L, S].</summary>
    private static string Earlier(OnnxContext c, long queries, long keys)
    {
        double[] mask = new double[queries * keys];
        for (long i = 0; i < queries; i++)
            for (long j = 0; j <= i && j < keys; j++) mask[i * keys + j] = 1;
        return c.Numbers(mask, [queries, keys], DType.Bool);
    }
}
