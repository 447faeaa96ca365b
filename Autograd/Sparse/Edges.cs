namespace Gradwright;

/// <summary>
/// The edges of a graph, or the places of a sparse matrix [targets, sources], prepared once for sums in both directions. Edge e leads from node
/// <c>sources[e]</c> to node <c>targets[e]</c>; the same edge may be there several times. Numbers that belong to edges keep the order in which the edges were given.
/// </summary>
public sealed class Edges : IDisposable
{
    private Edges? _withLoops;

    /// <summary>Edges among the nodes of one graph.</summary>
    /// <param name="sources">Int64 [E]: where each edge begins.</param>
    /// <param name="targets">Int64 [E]: where it ends.</param>
    /// <param name="nodes">Number of nodes.</param>
    /// <exception cref="ShapeException">The lists differ in length, or an index is out of range.</exception>
    public Edges(Tensor sources, Tensor targets, long nodes) : this(sources, targets, nodes, nodes) { }

    /// <summary>Edges from one set of nodes to another.</summary>
    /// <inheritdoc cref="Edges(Tensor, Tensor, long)"/>
    /// <param name="sources">Int64 [E]: where each edge begins.</param>
    /// <param name="targets">Int64 [E]: where it ends.</param>
    /// <param name="sourceNodes">Number of nodes where edges begin: columns of the matrix.</param>
    /// <param name="targetNodes">Number of nodes where edges end: rows of the matrix.</param>
    public Edges(Tensor sources, Tensor targets, long sourceNodes, long targetNodes)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(targets);
        if (sources.Shape != targets.Shape) throw new ShapeException($"Edges: sources {sources.Shape} and targets {targets.Shape} must be equally many: one of each per edge.");
        Sources = new(sources, sourceNodes);
        Targets = new(targets, targetNodes);
        using TensorScope scope = new();
        SourcesByTarget = Segments.Own(sources.IndexSelect(0, Targets.Order));
        TargetsBySource = Segments.Own(targets.IndexSelect(0, Sources.Order));
    }

    /// <summary>Edges, sorted by where they begin.</summary>
    public Segments Sources { get; }

    /// <summary>Edges, sorted by where they end: the rows of the matrix.</summary>
    public Segments Targets { get; }

    /// <summary>Number of edges.</summary>
    public long Count => Sources.Positions;

    /// <summary>Where edges begin, in the order of where they end.</summary>
    internal Tensor SourcesByTarget { get; }

    /// <summary>Where edges end, in the order of where they begin.</summary>
    internal Tensor TargetsBySource { get; }

    /// <summary>The same edges followed by one from every node to itself. Made once, and freed with this object.</summary>
    /// <exception cref="InvalidOperationException">The edges lead from one set of nodes to another.</exception>
    public Edges WithSelfLoops()
    {
        if (Sources.Count != Targets.Count)
            throw new InvalidOperationException($"Edges: they lead from {Sources.Count} nodes to {Targets.Count} others, so no node has an edge to itself. Self-loops need one set of nodes.");
        if (_withLoops is not null) return _withLoops;
        using TensorScope scope = new();
        Tensor nodes = Tensor.Arange(Sources.Count).To(Sources.Ids.Accelerator);
        return _withLoops = new(Tensor.Concat([Sources.Ids, nodes]), Tensor.Concat([Targets.Ids, nodes]), Sources.Count);
    }

    /// <summary>The same edges for tensors on another accelerator.</summary>
    public Edges To(Accelerator accelerator)
    {
        using TensorScope scope = new();
        return new(Sources.Ids.To(accelerator), Targets.Ids.To(accelerator), Sources.Count, Targets.Count);
    }

    /// <summary>Frees the lists. They belong to this object, not to a scope.</summary>
    public void Dispose()
    {
        _withLoops?.Dispose();
        Sources.Dispose();
        Targets.Dispose();
        SourcesByTarget.Dispose();
        TargetsBySource.Dispose();
    }
}
