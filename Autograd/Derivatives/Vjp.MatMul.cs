using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddMatMul()
    {
        // y = a · b + bias:  da = g · bᵀ,  db = aᵀ · g,  dbias = Σ g over all but the last dimension.
        Of<MatMul>(
            (Saves.Input1, c => c.G.MatMul(c[1].Transpose())),
            (Saves.Input0, c => c.InputShape(1).Rank == 2 && c.G.Rank > 2
                ? Rows(c[0]).Transpose().MatMul(Rows(c.G))          // the batch is summed by the product itself
                : c[0].Transpose().MatMul(c.G)),
            (Saves.Nothing, c => c.G));
        Of<ActivatedMatMul>(
            (Saves.Input1 | Saves.Output, c => Rectified(c).MatMul(c[1].Transpose())),
            (Saves.Input0 | Saves.Output, c => c.InputShape(1).Rank == 2 && c.G.Rank > 2
                ? Rows(c[0]).Transpose().MatMul(Rows(Rectified(c)))
                : c[0].Transpose().MatMul(Rectified(c))),
            (Saves.Output, Rectified));
    }

    /// <summary>The gradient in front of the activation; rectifying it again for the next operand changes nothing.</summary>
    private static Tensor Rectified(VjpContext c) => c.OverG(Binary<ReluGradient>.Instance, c.Y);

    private static Tensor Rows(Tensor x) => x.Reshape(x.Count / Math.Max(1, x.Shape[^1]), x.Shape[^1]);
}
