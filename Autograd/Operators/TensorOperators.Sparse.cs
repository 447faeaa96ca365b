using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// A sparse matrix times this dense one: y[i, …] = Σ w[e] x[source(e), …] over the edges e that end in i. [sources, F] → [targets, F], or per head
        /// [sources, H, F] → [targets, H, F]. Differentiable in x and in the weights.
        /// </summary>
        /// <param name="edges">The places of the matrix [targets, sources].</param>
        /// <param name="weights">Its numbers [E], or per head [E, H]; none means 1.</param>
        /// <exception cref="ShapeException">x does not have one row per source, or the weights are not one per edge.</exception>
        public Tensor SparseMatMul(Edges edges, Tensor? weights = null)
        {
            ArgumentNullException.ThrowIfNull(edges);
            RequireNodes(nameof(SparseMatMul), x, edges.Sources.Count);
            if (weights is not null && (weights.Rank != x.Rank - 1 || weights.Shape[0] != edges.Count))
                throw new ShapeException($"SparseMatMul: weights {weights.Shape} must be {(x.Rank == 2 ? $"[{edges.Count}]" : $"[{edges.Count}, {x.Shape[1]}]")}: one per edge{(x.Rank == 2 ? "" : " and head")} of x {x.Shape}.");
            using TensorScope scope = new();
            Tensor heads = x.Rank == 2 ? x.Unsqueeze(1) : x;
            SparseMatMul op = new(edges.Targets.Count, weights is not null);
            Segments to = edges.Targets, from = edges.Sources;
            Tensor y = weights is null
                ? Tape.Apply(op, heads, to.Pointers, edges.SourcesByTarget, to.Order, from.Pointers, edges.TargetsBySource, from.Order)
                : Tape.Apply(op, heads, weights.Rank == 1 ? weights.Unsqueeze(1) : weights, to.Pointers, edges.SourcesByTarget, to.Order, from.Pointers, edges.TargetsBySource, from.Order,
                    to.Ids, from.Ids);
            return TensorScope.Keep(x.Rank == 2 ? y.Squeeze(1) : y);
        }

        /// <summary>
        /// A product per edge: z[e] = Σ_f x[target(e), f] b[source(e), f], or per head: this [targets, F] and b [sources, F] → [E]; [targets, H, F] and [sources, H, F] → [E, H].
        /// </summary>
        public Tensor EdgeDot(Tensor b, Edges edges)
        {
            ArgumentNullException.ThrowIfNull(b);
            ArgumentNullException.ThrowIfNull(edges);
            RequireNodes(nameof(EdgeDot), x, edges.Targets.Count);
            RequireNodes(nameof(EdgeDot), b, edges.Sources.Count);
            using TensorScope scope = new();
            bool flat = x.Rank == 2;
            Segments to = edges.Targets, from = edges.Sources;
            Tensor z = Tape.Apply(new EdgeDot(), flat ? x.Unsqueeze(1) : x, flat && b.Rank == 2 ? b.Unsqueeze(1) : b, to.Ids, from.Ids,
                to.Pointers, edges.SourcesByTarget, to.Order, from.Pointers, edges.TargetsBySource, from.Order);
            return TensorScope.Keep(flat ? z.Squeeze(1) : z);
        }

        /// <summary>The sum over each segment: [E, …] → [segments, …]; 0 for an empty one.</summary>
        public Tensor SegmentSum(Segments segments)
            => OverColumns(nameof(SegmentSum), x, segments, (t, s) => Tape.Apply(new SparseMatMul(s.Count, false), t.Unsqueeze(1), s.Pointers, s.Order, s.Order, s.Units, s.Ids, s.Order).Squeeze(1));

        /// <summary>The mean over each segment: [E, …] → [segments, …]; 0 for an empty one.</summary>
        public Tensor SegmentMean(Segments segments)
        {
            using TensorScope scope = new();
            Tensor sums = x.SegmentSum(segments);
            return TensorScope.Keep(sums / segments.Lengths(x.DType).Maximum(1).Reshape((Shape)(long[])[segments.Count, .. Enumerable.Repeat(1L, x.Rank - 1)]));
        }

        /// <summary>The largest element of each segment: [E, …] → [segments, …]; 0 for an empty one. Of equal ones the first gets the gradient.</summary>
        public Tensor SegmentMax(Segments segments) => OverColumns(nameof(SegmentMax), x, segments, (t, s) => Tape.Apply(new SegmentMax(), t, s.Pointers, s.Order));

        /// <summary>The softmax within each segment, [E, …] → [E, …]: positive numbers that sum to 1 over a segment. Stable for numbers of any size.</summary>
        public Tensor SegmentSoftmax(Segments segments) => OverColumns(nameof(SegmentSoftmax), x, segments, (t, s) => Tape.Apply(new SegmentSoftmax(), t, s.Pointers, s.Order, s.Units, s.Ids));

        /// <summary>For each position what its segment has: [segments, …] → [E, …], the transpose of <see cref="SegmentSum"/>.</summary>
        public Tensor SegmentSpread(Segments segments)
        {
            ArgumentNullException.ThrowIfNull(segments);
            if (x.Rank == 0 || x.Shape[0] != segments.Count)
                throw new ShapeException($"SegmentSpread: x {x.Shape} must have one row for each of the {segments.Count} segments.");
            using TensorScope scope = new();
            Tensor columns = x.Reshape((Shape)(long[])[x.Shape[0], 1, Packing.Count(x.Shape.Span[1..])]);
            Tensor y = Tape.Apply(new SparseMatMul(segments.Positions, false), columns, segments.Units, segments.Ids, segments.Order, segments.Pointers, segments.Order, segments.Order);
            return TensorScope.Keep(y.Reshape((Shape)(long[])[segments.Positions, .. x.Shape.Span[1..]]));
        }
    }

    /// <summary>An op over [E, columns] for a tensor [E, …].</summary>
    private static Tensor OverColumns(string name, Tensor x, Segments segments, Func<Tensor, Segments, Tensor> compute)
    {
        ArgumentNullException.ThrowIfNull(segments);
        if (x.Rank == 0 || x.Shape[0] != segments.Positions)
            throw new ShapeException($"{name}: x {x.Shape} must have one row for each of the {segments.Positions} positions of the segments.");
        using TensorScope scope = new();
        Tensor y = compute(x.Reshape((Shape)(long[])[x.Shape[0], Packing.Count(x.Shape.Span[1..])]), segments);
        return TensorScope.Keep(y.Reshape((Shape)(long[])[y.Shape[0], .. x.Shape.Span[1..]]));
    }

    private static void RequireNodes(string op, Tensor x, long nodes)
    {
        if (x.Rank is not (2 or 3) || x.Shape[0] != nodes)
            throw new ShapeException($"{op}: {x.Shape} must be [{nodes}, features] or [{nodes}, heads, features]: one row per node of the edges.");
    }
}
