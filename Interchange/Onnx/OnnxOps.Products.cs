using Gradwright.Kernels;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddProducts()
    {
        Of<MatMul>((c, _) => Product(c));
        Of<ActivatedMatMul>((c, op) => op.Activation == Activation.Relu ? c.Emit("Relu", [Product(c)]) : Product(c));
        Of<PairwiseDistance>((c, op) =>
        {
            // [.., P, 1, M] − [.., 1, R, M]
            string difference = c.Emit("Sub", [c.Emit("Unsqueeze", [c[0], c.Longs(-2)]), c.Emit("Unsqueeze", [c[1], c.Longs(-3)])]);
            return c.Emit(op.Manhattan ? "ReduceL1" : "ReduceL2", [difference], Ints("axes", -1), Flag("keepdims", false));
        });
    }

    // Operands a, b, and perhaps a bias. The product by a transposed weight matrix, as in a linear layer, is one node.
    private static string Product(OnnxContext c)
    {
        if (c.Shape(0).Rank != 2 || c.Shape(1).Rank != 2 || Transposed(c, c.In(1)) is not { } weight)
        {
            string product = c.Emit("MatMul", [c[0], c[1]]);
            return c.Count > 2 ? c.Emit("Add", [product, c[2]]) : product;
        }

        return c.Emit("Gemm", [c[0], c.NameOf(weight), .. c.All[2..]], Flag("transB", true));
    }

    /// <summary>The matrix of which a value is the transpose, or null.</summary>
    private static GraphValue? Transposed(OnnxContext c, GraphValue value)
        => c.ProducerOf(value) is { Op: Permute { Order: [1, 0] } } turned ? turned.Inputs[0] : null;
}
