using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddMatMul()
    {
        // y = a · b + bias:  da = g · bᵀ,  db = aᵀ · g,  dbias = Σ g over all but the last dimension.
        Of<MatMul>(
            (Saves.Input1, c => c.G.MatMul(c[1].Transpose())),
            (Saves.Input0, c => RightGradient(c, c.G)),
            (Saves.Nothing, c => c.G));
        NotDifferentiable<FusedMatMul>();       // compiled forward passes only
        Of<ActivatedMatMul>(
            (Saves.Input1 | Saves.Output, c => Rectified(c).MatMul(c[1].Transpose())),
            (Saves.Input0 | Saves.Output, c => RightGradient(c, Rectified(c))),
            (Saves.Output, Rectified));
    }

    /// <summary>aᵀ · g, laid out as b is: where b is a weight's transpose, its transpose is laid out as the weight, which takes it without a copy.</summary>
    private static Tensor RightGradient(VjpContext c, Tensor g)
    {
        Tensor a = c[0];
        if (c.InputShape(1).Rank == 2 && g.Rank > 2) (a, g) = (Rows(a), Rows(g));      // the batch is summed by the product itself
        Layout b = c.InputLayout(1);
        return !b.IsContiguous && b.Strides[^2] == 1 ? g.Transpose().MatMul(a).Transpose() : a.Transpose().MatMul(g);
    }

    /// <summary>The gradient in front of the activation; rectifying it again for the next operand changes nothing.</summary>
    private static Tensor Rectified(VjpContext c) => c.OverG(Binary<ReluGradient>.Instance, c.Y);

    private static Tensor Rows(Tensor x) => x.Reshape(x.Count / Math.Max(1, x.Shape[^1]), x.Shape[^1]);
}
