using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    /// <summary>Sums over edges are linear in values and weights: the gradient of the values goes along the edges backwards, that of a weight is a product per edge.</summary>
    private static void AddSparse()
    {
        Jointly<SparseMatMul>(Saves.Inputs, (c, op) =>
        {
            if (c.Needs(0))
            {
                SparseMatMul back = new(c.InputShape(0)[0], op.Weighted);
                c.Set(0, op.Weighted
                    ? Tape.Apply(back, c.G, c[1], c[5], c[6], c[7], c[2], c[3], c[4], c[9], c[8])
                    : Tape.Apply(back, c.G, c[4], c[5], c[6], c[1], c[2], c[3]));
            }

            if (op.Weighted && c.Needs(1)) c.Set(1, Tape.Apply(new EdgeDot(), c.G, c[0], c[8], c[9], c[2], c[3], c[4], c[5], c[6], c[7]));
        });
        Jointly<EdgeDot>(Saves.Inputs, (c, _) =>
        {
            if (c.Needs(0)) c.Set(0, Tape.Apply(new SparseMatMul(c.InputShape(0)[0], true), c[1], c.G, c[4], c[5], c[6], c[7], c[8], c[9], c[2], c[3]));
            if (c.Needs(1)) c.Set(1, Tape.Apply(new SparseMatMul(c.InputShape(1)[0], true), c[0], c.G, c[7], c[8], c[9], c[4], c[5], c[6], c[3], c[2]));
        });
        Of<SegmentMax>(Saves.Kept, c => Tape.Apply(new ScatterSum(0, c.InputShape(0)[0] + 1), c.G, c.Kept(0)).Slice(0, 0, c.InputShape(0)[0]));
        Of<SegmentSoftmax>(Saves.Inputs | Saves.Output, c => Tape.Apply(new SegmentSoftmaxGradient(), c.G, c.Y, c[1], c[2], c[3], c[4]));

        // z = y (g − Σ g y): the gradient v of z gives y (v − Σ v y) for g, and v (g − Σ g y) − g Σ v y for y.
        Of<SegmentSoftmaxGradient>(
            (Saves.Inputs, c => Tape.Apply(c.Op, c.G, c[1], c[2], c[3], c[4], c[5])),
            (Saves.Inputs, c => c.G * (c[0] - SegmentTotals(c, c[0] * c[1])) - c[0] * SegmentTotals(c, c.G * c[1])));
    }

    /// <summary>For each position the sum over its segment.</summary>
    private static Tensor SegmentTotals(VjpContext c, Tensor x)
    {
        (Tensor pointers, Tensor order, Tensor units, Tensor ids) = (c[2], c[3], c[4], c[5]);
        Tensor sums = Tape.Apply(new SparseMatMul(pointers.Count - 1, false), x.Unsqueeze(1), pointers, order, order, units, ids, order);
        return Tape.Apply(new SparseMatMul(x.Shape[0], false), sums, units, ids, order, pointers, order, order).Squeeze(1);
    }
}
