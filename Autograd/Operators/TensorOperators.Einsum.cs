using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// Sums of products by Einstein's convention: each letter is an index, and letters that the result lacks are summed over. <c>"bij,bjk->bik"</c> is a batched
        /// matrix product, <c>"ii->"</c> a trace, <c>"i,j->ij"</c> an outer product. <c>...</c> stands for any dimensions, which broadcast.
        /// </summary>
        /// <param name="equation">Labels of each operand, separated by commas, then <c>-></c> and those of the result (or neither: letters that occur once, in order).</param>
        /// <param name="operands">The tensors, contracted from left to right as matrix products.</param>
        /// <exception cref="ShapeException">A label has two lengths, or an operand another number of dimensions.</exception>
        /// <exception cref="ArgumentException">The equation cannot be read.</exception>
        public static Tensor Einsum(string equation, params ReadOnlySpan<Tensor> operands)
        {
            using TensorScope scope = new();
            EinsumEquation parsed = new(equation, operands);
            Labelled y = Labelled.Of(operands[0], parsed.Operands[0], parsed);
            for (int i = 1; i < operands.Length; i++)
            {
                string needed = parsed.Output + string.Concat(parsed.Operands[(i + 1)..]);
                y = Labelled.Product(y, Labelled.Of(operands[i], parsed.Operands[i], parsed), needed, parsed.Lengths);
            }

            return TensorScope.Keep(y.SumOver(label => !parsed.Output.Contains(label)).Result(parsed));
        }

        /// <summary>The elements whose positions along two dimensions differ by <paramref name="offset"/>: a view, with the diagonal as its last dimension.</summary>
        public Tensor Diagonal(long offset = 0, int first = -2, int second = -1) => Tape.Apply(new Diagonal(offset, first, second), x);
    }
}
