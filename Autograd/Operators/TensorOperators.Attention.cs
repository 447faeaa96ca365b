using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor q)
    {
        /// <summary>
        /// Scaled dot-product attention of these queries (Vaswani et al. 2017): softmax(scale · q kᵀ + bias) v, for q [.., L, d], k [.., S, d], v [.., S, w] → [.., L, w].
        /// The scores [.., L, S] are never stored, here and in the backward pass (Dao et al. 2022): memory grows with L + S.
        /// </summary>
        /// <remarks>
        /// A query that sees no key gives 0, not NaN. The result lies in memory as the queries do: heads that are a view into rows of [N, L, heads · d] come back so, and merge without a copy.
        /// Second derivatives, and the gradient of a bias, are computed from the whole matrix of weights.
        /// </remarks>
        /// <param name="k">The keys.</param>
        /// <param name="v">The values.</param>
        /// <param name="mask">Bool, broadcast to [.., L, S]: true where a query sees a key.</param>
        /// <param name="bias">Added to the scores, broadcast to [.., L, S]; −∞ hides a key.</param>
        /// <param name="causal">Query i sees keys 0 .. i only.</param>
        /// <param name="scale">Multiplies the products of queries and keys; by default 1/√d.</param>
        /// <param name="dropout">Probability that a weight is zeroed while the others are divided by 1 − p; for training.</param>
        /// <param name="generator">Draws them; the backward pass draws the same again.</param>
        /// <exception cref="ShapeException">The operands do not fit.</exception>
        /// <exception cref="ArgumentException">There is dropout, but no generator; or the rate is not in 0 ≤ p &lt; 1.</exception>
        public Tensor Attention(Tensor k, Tensor v, Tensor? mask = null, Tensor? bias = null, bool causal = false, double? scale = null, double dropout = 0, Generator? generator = null)
        {
            ArgumentNullException.ThrowIfNull(k);
            ArgumentNullException.ThrowIfNull(v);
            if (dropout > 0 && generator is null) throw new ArgumentException($"Attention: dropout {dropout} needs a generator to draw from.", nameof(generator));
            if (mask is not null) Check.Type(new Attention(1), "mask", mask, DType.Bool);
            ulong counter = dropout > 0 && q.Rank >= 2 && k.Rank >= 2 ? generator!.Reserve(RandomOp.Blocks(AttentionProblem.Scores(q, k).Count)) : 0;
            Attention op = new(scale ?? DefaultScale(q), causal, dropout, dropout > 0 ? generator!.Key : 0, counter);
            return (mask, bias) switch
            {
                (null, null) => Tape.Apply(op, q, k, v),
                (null, _) => Tape.Apply(op, q, k, v, bias),
                (_, null) => Tape.Apply(op, q, k, v, mask),
                _ => Tape.Apply(op, q, k, v, mask, bias),
            };
        }

        /// <summary>The weights softmax(scale · q kᵀ + bias) [.., L, S] of an <see cref="Attention(Tensor, Tensor, Tensor, Tensor, Tensor, bool, double?, double, Generator)"/> without dropout, to look at: this matrix is stored.</summary>
        /// <inheritdoc cref="Attention(Tensor, Tensor, Tensor, Tensor, Tensor, bool, double?, double, Generator)"/>
        public Tensor AttentionWeights(Tensor k, Tensor? mask = null, Tensor? bias = null, bool causal = false, double? scale = null)
        {
            using TensorScope scope = new();
            return TensorScope.Keep(Vjp.AttentionWeights(Vjp.AttentionScores(new(scale ?? DefaultScale(q), causal), q, k, mask, bias)));
        }
    }

    private static double DefaultScale(Tensor q) => q.Rank > 0 && q.Shape[^1] > 0 ? 1 / Math.Sqrt(q.Shape[^1]) : 1;
}
