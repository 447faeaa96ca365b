using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// A simple recurrence over a sequence: hₜ = tanh(xₜ + W hₜ₋₁ + b), or with max(·, 0) (Elman 1990). This tensor holds the products of the input, for all positions at
        /// once: <c>input.MatMul(inputWeight.Transpose(), inputBias)</c>, [T, N, H].
        /// </summary>
        /// <param name="weight">W, [H, H].</param>
        /// <param name="hidden">The first state h₀, [N, H].</param>
        /// <param name="bias">b, [H]; none means 0.</param>
        /// <param name="lengths">Where each sequence ends, [N], Int64: from there on its state stays as it is and the result is 0. None means T.</param>
        /// <param name="reverse">From the end of each sequence to its start.</param>
        /// <param name="activation">The hyperbolic tangent or max(·, 0).</param>
        /// <returns>hₜ at every position [T, N, H], and the last one [N, H].</returns>
        /// <exception cref="ShapeException">Sizes do not fit.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A length is not between 0 and T.</exception>
        public (Tensor Output, Tensor Hidden) RnnSequence(Tensor weight, Tensor hidden, Tensor? bias = null, Tensor? lengths = null, bool reverse = false, RnnActivation activation = RnnActivation.Tanh)
            => activation switch
            {
                RnnActivation.Tanh => Recur<TanhStep>(x, weight, hidden, bias, lengths, reverse),
                RnnActivation.Relu => Recur<ReluStep>(x, weight, hidden, bias, lengths, reverse),
                _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "RnnSequence: the activation is Tanh or Relu."),
            };

        /// <summary>
        /// A long short-term memory over a sequence (Hochreiter and Schmidhuber 1997; Gers et al. 2000): with i, f, g, o = xₜ + W hₜ₋₁ + b,
        /// cₜ = σ(f) cₜ₋₁ + σ(i) tanh(g) and hₜ = σ(o) tanh(cₜ). This tensor holds the products of the input, [T, N, 4·H], the gates in the order i, f, g, o.
        /// </summary>
        /// <param name="weight">W, [4·H, H].</param>
        /// <param name="hidden">The first state h₀, [N, H].</param>
        /// <param name="cell">The first cell state c₀, [N, H].</param>
        /// <param name="bias">b, [4·H]; none means 0.</param>
        /// <param name="lengths">Where each sequence ends, [N], Int64: from there on its states stay as they are and the result is 0. None means T.</param>
        /// <param name="reverse">From the end of each sequence to its start.</param>
        /// <returns>hₜ at every position [T, N, H], the last one [N, H], and the last cₜ [N, H].</returns>
        /// <exception cref="ShapeException">Sizes do not fit.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A length is not between 0 and T.</exception>
        public (Tensor Output, Tensor Hidden, Tensor Cell) LstmSequence(Tensor weight, Tensor hidden, Tensor cell, Tensor? bias = null, Tensor? lengths = null, bool reverse = false)
        {
            Op.Outputs y = default;
            Tape.Apply(new Recurrence<LstmStep>(reverse, bias is not null, lengths is not null), [x, weight, hidden, cell, .. Present(bias, lengths)], y);
            return (y[0]!, y[1]!, y[2]!);
        }

        /// <summary>
        /// A gated recurrent unit over a sequence (Cho et al. 2014), with the reset gate after the product: with u = W hₜ₋₁ + b, r = σ(xᵣ + uᵣ), z = σ(x_z + u_z) and
        /// n = tanh(xₙ + r uₙ), hₜ = (1 − z) n + z hₜ₋₁. This tensor holds the products of the input, [T, N, 3·H], the gates in the order r, z, n.
        /// </summary>
        /// <param name="weight">W, [3·H, H].</param>
        /// <param name="hidden">The first state h₀, [N, H].</param>
        /// <param name="bias">b, [3·H]; none means 0.</param>
        /// <param name="lengths">Where each sequence ends, [N], Int64: from there on its state stays as it is and the result is 0. None means T.</param>
        /// <param name="reverse">From the end of each sequence to its start.</param>
        /// <returns>hₜ at every position [T, N, H], and the last one [N, H].</returns>
        /// <exception cref="ShapeException">Sizes do not fit.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A length is not between 0 and T.</exception>
        public (Tensor Output, Tensor Hidden) GruSequence(Tensor weight, Tensor hidden, Tensor? bias = null, Tensor? lengths = null, bool reverse = false)
            => Recur<GruStep>(x, weight, hidden, bias, lengths, reverse);
    }

    private static (Tensor Output, Tensor Hidden) Recur<TStep>(Tensor x, Tensor weight, Tensor hidden, Tensor? bias, Tensor? lengths, bool reverse) where TStep : struct, IRecurrentStep
    {
        Op.Outputs y = default;
        Tape.Apply(new Recurrence<TStep>(reverse, bias is not null, lengths is not null), [x, weight, hidden, .. Present(bias, lengths)], y);
        return (y[0]!, y[1]!);
    }

    private static Tensor[] Present(Tensor? bias, Tensor? lengths)
        => (bias, lengths) switch
        {
            (null, null) => [],
            (not null, null) => [bias],
            (null, not null) => [lengths],
            _ => [bias, lengths],
        };
}
