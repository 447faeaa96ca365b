using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddSparse()
    {
        long[] targets = [2, 0, 2, 4, 1, 2, 0, 4], sources = [1, 5, 0, 3, 1, 1, 2, 5];     // node 3 has no edge that ends there, node 4 none that begins
        Operand[] byTarget = Sorted(targets, sources, 5), bySource = Sorted(sources, targets, 6);
        foreach ((long heads, long features) in (ReadOnlySpan<(long, long)>)[(1, 3), (2, 19)])
        {
            Operand x = new([6, heads, features]), to = new([5, heads, features]);
            Sample(new OpSample(new SparseMatMul(5, false), [x, .. byTarget, .. bySource]));
            Sample(new OpSample(new SparseMatMul(5, true), [x, new([8, heads]), .. byTarget, .. bySource, Index(targets), Index(sources)], "weights"));
            Sample(new OpSample(new EdgeDot(), [to, x, Index(targets), Index(sources), .. byTarget, .. bySource]));
        }

        Operand pointers = byTarget[0], order = byTarget[2], units = Index([.. Enumerable.Range(0, 9)]), ids = Index(targets);
        foreach (long columns in (ReadOnlySpan<long>)[1, 5])
        {
            Operand x = new([8, columns], -3, 3), weights = new([8, columns], 0.1, 1);
            Sample(new SegmentMax(), x, pointers, order);
            Sample(new SegmentSoftmax(), x, pointers, order, units, ids);
            Sample(new SegmentSoftmaxGradient(), x, weights, pointers, order, units, ids);
        }

        static Operand Index(params IEnumerable<long> values) => new([values.LongCount()]) { Type = DType.Int64, Values = [.. values.Select(v => (double)v)] };

        // Pointers, other ends and edge numbers, in the order of one of the ends.
        static Operand[] Sorted(long[] by, long[] other, int nodes)
        {
            int[] order = [.. Enumerable.Range(0, by.Length).OrderBy(e => by[e])];
            return [Index(Enumerable.Range(0, nodes + 1).Select(i => by.LongCount(b => b < i))), Index(order.Select(e => other[e])), Index(order.Select(e => (long)e))];
        }
    }
}
