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
    }

    private static Tensor Rows(Tensor x) => x.Reshape(x.Count / Math.Max(1, x.Shape[^1]), x.Shape[^1]);
}
