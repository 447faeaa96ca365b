using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddAttention()
    {
        Attention plain = new(0.5), causal = new(0.7, Causal: true), dropped = new(0.5, Dropped: 0.3, Key: 5, Counter: 11);
        Attend(plain, [5, 3], 4, 2, "one head");
        Attend(plain, [2, 3, 5, 4], 7, 3, "mask", Operand.Mask([2, 1, 1, 7]));
        // With a width of 1, the gradient of the one score of query 0 is exactly 0, as it should be.
        Attend(causal, [2, 6, 3], 6, 1, "causal");
        Attend(causal, [3, 2, 1, 5, 2], 3, 1, "causal, bias", new Operand([1, 5, 3]));
        Attend(dropped, [2, 2, 3, 3], 5, 2, "dropout, mask and bias", Operand.Mask([3, 5]), new Operand([2, 1, 5]));
    }

    /// <summary>An attention and its gradient.</summary>
    private static void Attend(Attention op, Shape queries, long keys, long width, string label, params Operand[] more)
    {
        Shape outer = (Shape)queries.Span[..^2].ToArray(), rows = (Shape)queries.Span[..^1].ToArray();
        Operand q = new(queries, -2, 2), k = new([.. outer, keys, queries[^1]], -2, 2), v = new([.. outer, keys, width]), y = new([.. rows, width]);
        Sample(new OpSample(op, [q, k, v, .. more], label));

        // In g only. The sums are large enough for weights below 1, but need not belong to these scores.
        Sample(new OpSample(new AttentionGradient(op), [y, y, new(rows, 2, 5), q, k, v, .. more], label)
        {
            Constants = [.. Enumerable.Range(1, 5 + more.Length)],
        });
    }
}
