using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    // Far below every score, but finite: a line of nothing else has a softmax, which is then hidden.
    private const double OutOfSight = -1e30;

    private static void AddAttention()
    {
        Jointly<Attention>(Saves.Inputs | Saves.Output, (c, op) =>
        {
            Tensor q = c[0], k = c[1], v = c[2];
            bool masked = c.InputCount > 3 && c.InputType(3) == DType.Bool, biased = c.InputCount > (masked ? 4 : 3);
            int bias = masked ? 4 : 3;
            if (c.CreatesGraph || (biased && c.Needs(bias)))
            {
                ComposedAttentionGradient(c, op, masked ? c[3] : null, biased ? bias : -1);
                return;
            }

            Op.Outputs y = default;
            Tensor[] more = [.. Enumerable.Range(3, c.InputCount - 3).Select(i => c[i])];
            Tape.Apply(new AttentionGradient(op), [c.G, c.Y, c.Kept(0), q, k, v, .. more], y);
            for (int i = 0; i < 3; i++) c.Set(i, y[i]!);
        });

        // Linear in g: with the gradients a, b, e of dq, dk, dv, z = scale (a kᵀ + q bᵀ) is that of dS, and dg = drop(P) e + drop(P ∘ z) v − (Σ P ∘ z) y.
        Jointly<AttentionGradient>(Saves.Inputs, (c, op) =>
        {
            Attention forward = op.Forward;
            if (Enumerable.Range(1, c.InputCount - 1).Any(c.Needs))
                throw new TapeException("AttentionGradient: has a derivative in g only. Differentiate Attention under Gradients(…, createGraph: true), which computes the same from differentiable ops.");
            bool masked = c.InputCount > 6 && c.InputType(6) == DType.Bool;
            Tensor scores = AttentionScores(forward, c[3], c[4], masked ? c[6] : null, c.InputCount > (masked ? 7 : 6) ? c[c.InputCount - 1] : null);
            Tensor sums = c[2].MaskedFill(c[2].EqualTo(double.NegativeInfinity), 0).Unsqueeze(-1), p = (scores - sums).Exp();
            Tensor weighed = p * (forward.Scale * (c.Gradient(0).MatMul(c[4].Transpose()) + c[3].MatMul(c.Gradient(1).Transpose())));
            c.Set(0, DropWeights(forward, p).MatMul(c.Gradient(2)) + DropWeights(forward, weighed).MatMul(c[5]) - weighed.Sum(-1, keepDimensions: true) * c[1]);
        });
    }

    /// <summary>scale · q kᵀ + bias, −∞ where the mask or causality hides a key: [.., L, S], from public operators.</summary>
    internal static Tensor AttentionScores(Attention op, Tensor q, Tensor k, Tensor? mask, Tensor? bias)
    {
        Tensor scores = q.MatMul(k.Transpose()) * op.Scale;
        if (bias is not null) scores += bias;
        if (mask is not null) scores = scores.MaskedFill(mask, double.NegativeInfinity, filled: false);
        return op.Causal ? scores.MaskedFill(Tensor.Ones([q.Shape[^2], k.Shape[^2]], DType.UInt8, q.Accelerator).LowerTriangle().Cast(DType.Bool), double.NegativeInfinity, filled: false) : scores;
    }

    /// <summary>The softmax of the scores, 0 for keys out of sight, and for queries that see none.</summary>
    internal static Tensor AttentionWeights(Tensor scores)
        => scores.Maximum(OutOfSight).Softmax().MaskedFill(scores <= OutOfSight, 0);

    private static Tensor DropWeights(Attention op, Tensor weights)
        => op.Dropped > 0 ? Tape.Apply(new Dropout(op.Dropped, op.Key, op.Counter), weights) : weights;

    /// <summary>The gradients from differentiable ops, with the whole matrix of weights: for second derivatives, and for a bias, whose gradient is that matrix, summed.</summary>
    private static void ComposedAttentionGradient(VjpContext c, Attention op, Tensor? mask, int bias)
    {
        Tensor q = c[0], k = c[1], v = c[2], p = AttentionWeights(AttentionScores(op, q, k, mask, bias < 0 ? null : c[bias]));
        Tensor products = DropWeights(op, c.G.MatMul(v.Transpose())), gradient = p * (products - (p * products).Sum(-1, keepDimensions: true));
        if (c.Needs(0)) c.Set(0, (gradient * op.Scale).MatMul(k));
        if (c.Needs(1)) c.Set(1, (gradient * op.Scale).Transpose().MatMul(q));
        if (c.Needs(2)) c.Set(2, DropWeights(op, p).Transpose().MatMul(c.G));
        if (bias >= 0 && c.Needs(bias)) c.Set(bias, gradient);
    }
}
