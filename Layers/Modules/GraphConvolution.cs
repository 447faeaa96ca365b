namespace Gradwright.Layers;

/// <summary>
/// Graph convolution (Kipf and Welling 2017): D^(−1/2) (A + I) D^(−1/2) X Wᵀ + b, where A[i, j] counts the edges from node j to node i and D is the diagonal of the row sums of A + I.
/// X [nodes, inputs] → [nodes, outputs]. For directed graphs D counts the edges that end in a node.
/// </summary>
public sealed class GraphConvolution : Module<(Tensor X, Edges Edges), Tensor>
{
    private readonly int _inputs, _outputs;

    /// <summary>A convolution with the given sizes.</summary>
    /// <param name="inputs">Features of a node.</param>
    /// <param name="outputs">Features of the result.</param>
    /// <param name="bias">Whether b is there.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public GraphConvolution(int inputs, int outputs, bool bias = true, DType dtype = DType.Float32)
    {
        Positive.Check(nameof(GraphConvolution), (nameof(inputs), inputs), (nameof(outputs), outputs));
        (_inputs, _outputs) = (inputs, outputs);
        Weight = Tensor.Parameter([outputs, inputs], dtype);
        Bias = bias ? Tensor.Parameter([outputs], dtype) : null;
    }

    /// <summary>W, [outputs, inputs]; starts as by Glorot and Bengio (2010).</summary>
    public Tensor Weight { get; }

    /// <summary>b, [outputs], or null; starts at 0.</summary>
    public Tensor? Bias { get; }

    /// <summary>The convolution of the nodes' features.</summary>
    /// <param name="x">[nodes, inputs].</param>
    /// <param name="edges">Edges among the nodes; edges from nodes to themselves are added by the layer.</param>
    public Tensor Forward(Tensor x, Edges edges) => Forward((x, edges));

    protected override Tensor ForwardCore((Tensor X, Edges Edges) input)
    {
        (Tensor x, Edges edges) = input;
        GraphChecks.Nodes(nameof(GraphConvolution), x, edges, _inputs);
        Tensor scale = (edges.Targets.Lengths(x.DType) + 1).Rsqrt().Unsqueeze(1);
        // The sums over neighbours are taken of whichever is narrower, x or its product with the weight.
        Tensor narrow = _outputs <= _inputs ? x.MatMul(Weight.Transpose()) : x, scaled = narrow * scale;
        Tensor mixed = (scaled.SparseMatMul(edges) + scaled) * scale;
        if (_outputs > _inputs) return mixed.MatMul(Weight.Transpose(), Bias);
        return Bias is null ? mixed : mixed + Bias;
    }

    protected override void Reset(Generator generator)
    {
        Init.XavierUniform().Fill(Weight, generator.Fork(nameof(Weight)));
        Bias?.FillInPlace(0);
    }

    public override string ToString() => $"GraphConvolution({_inputs} → {_outputs}{(Bias is null ? ", bias: false" : "")})";
}

internal static class GraphChecks
{
    /// <summary>x has one row of features per node.</summary>
    public static void Nodes(string layer, Tensor x, Edges edges, int features)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(edges);
        if (edges.Sources.Count != edges.Targets.Count)
            throw new ShapeException($"{layer}: the edges lead from {edges.Sources.Count} nodes to {edges.Targets.Count} others, but edges among the nodes of one graph are expected.");
        if (x.Rank != 2 || x.Shape[1] != features || x.Shape[0] != edges.Sources.Count)
            throw new ShapeException($"{layer}: x {x.Shape} must be [{edges.Sources.Count}, {features}]: one row of {features} features per node of the edges.");
    }
}
