namespace Gradwright.Kernels;

/// <summary>The sizes and strides of an attention, as the kernels of every accelerator take them (attention.cuh declares the same).</summary>
internal struct AttentionProblem
{
    /// <summary>Outer · heads.</summary>
    public long Batch;

    /// <summary>Length of the dimension in front of the rows; 1 if there is none.</summary>
    public long Heads;

    /// <summary>L, S, d and the width of a value.</summary>
    public long Queries, Keys, Depth, Width;

    /// <summary>Whether there is a mask and a bias, and whether query i sees keys 0 .. i only.</summary>
    public long Masked, Biased, Causal;

    public AttentionStrides Q, K, V, Y, G, DQ, DK, DV, Mask, Bias;

    public AttentionProblem(Attention op, Tensor q, Tensor k, Tensor v)
    {
        ReadOnlySpan<long> lengths = q.Shape.Span;
        Heads = lengths.Length > 2 ? lengths[^3] : 1;
        Batch = Packing.Count(lengths[..^2]);
        (Queries, Keys, Depth, Width) = (lengths[^2], k.Shape[^2], lengths[^1], v.Shape[^1]);
        Causal = op.Causal ? 1 : 0;
    }

    /// <summary>How many keys the queries before <paramref name="end"/> see.</summary>
    public readonly long Visible(long end) => Causal != 0 ? Math.Min(Keys, end) : Keys;

    /// <summary>Where an entry of the batch starts in a tensor.</summary>
    public readonly long Start(in AttentionStrides strides, long entry) => entry / Heads * strides.Outer + entry % Heads * strides.Head;

    /// <summary>The shape of the scores, [.., L, S].</summary>
    public static Shape Scores(Tensor q, Tensor k) => q.Shape.With(q.Rank - 1, k.Shape[^2]);
}
