namespace Gradwright.Layers;

/// <summary>
/// Graph attention (Velickovic et al. 2018): every node takes a weighted mean of its neighbours' features h = W x, and its own, per head:
/// y[i] = Σ_j a[i, j] h[j] + b, with a[i, j] the softmax over the edges j → i of LeakyReLU(s · h[j] + t · h[i]).
/// X [nodes, inputs] → [nodes, heads · outputs], or [nodes, outputs] where the heads are averaged. State names are PyTorch Geometric's, but for the plain <c>weight</c>.
/// </summary>
public sealed class GraphAttention : Module<(Tensor X, Edges Edges), Tensor>
{
    private readonly int _inputs, _outputs, _heads;
    private readonly bool _average;
    private readonly double _slope, _dropout;
    private Generator _generator = new();

    /// <summary>Attention with the given sizes.</summary>
    /// <param name="inputs">Features of a node.</param>
    /// <param name="outputs">Features of a head's result.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="average">Average the heads (for a last layer) instead of putting them side by side.</param>
    /// <param name="slope">LeakyReLU's slope for negative numbers.</param>
    /// <param name="dropout">Probability that a weight a[i, j] is zeroed in training.</param>
    /// <param name="bias">Whether b is there.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public GraphAttention(int inputs, int outputs, int heads = 1, bool average = false, double slope = 0.2, double dropout = 0, bool bias = true, DType dtype = DType.Float32)
    {
        Positive.Check(nameof(GraphAttention), (nameof(inputs), inputs), (nameof(outputs), outputs), (nameof(heads), heads));
        if (dropout is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "GraphAttention: the dropout rate must be at least 0 and below 1.");
        (_inputs, _outputs, _heads, _average, _slope, _dropout) = (inputs, outputs, heads, average, slope, dropout);
        Weight = Tensor.Parameter([heads * outputs, inputs], dtype);
        SourceAttention = Tensor.Parameter([1, heads, outputs], dtype);
        TargetAttention = Tensor.Parameter([1, heads, outputs], dtype);
        Bias = bias ? Tensor.Parameter([average ? outputs : heads * outputs], dtype) : null;
    }

    /// <summary>W, [heads · outputs, inputs]; starts as by Glorot and Bengio (2010), like all weights here.</summary>
    public Tensor Weight { get; }

    /// <summary>s, [1, heads, outputs]: how a node's features count where an edge begins.</summary>
    [field: StateName("att_src")]
    public Tensor SourceAttention { get; }

    /// <summary>t, [1, heads, outputs]: how a node's features count where an edge ends.</summary>
    [field: StateName("att_dst")]
    public Tensor TargetAttention { get; }

    /// <summary>b, or null; starts at 0.</summary>
    public Tensor? Bias { get; }

    /// <inheritdoc cref="GraphConvolution.Forward(Tensor, Edges)"/>
    public Tensor Forward(Tensor x, Edges edges) => Forward((x, edges));

    protected override Tensor ForwardCore((Tensor X, Edges Edges) input)
    {
        Tensor x = input.X;
        GraphChecks.Nodes(nameof(GraphAttention), x, input.Edges, _inputs);
        Edges edges = input.Edges.WithSelfLoops();
        Tensor h = x.MatMul(Weight.Transpose()).Reshape(x.Shape[0], _heads, _outputs);
        Tensor source = (h * SourceAttention).Sum(-1), target = (h * TargetAttention).Sum(-1);
        Tensor scores = (source.SegmentSpread(edges.Sources) + target.SegmentSpread(edges.Targets)).LeakyRelu(_slope);
        Tensor weights = scores.SegmentSoftmax(edges.Targets);
        if (IsTraining && _dropout > 0) weights = weights.Dropout(_dropout, _generator);
        Tensor y = h.SparseMatMul(edges, weights);
        y = _average ? y.Mean(1) : y.Reshape(x.Shape[0], _heads * _outputs);
        return Bias is null ? y : y + Bias;
    }

    protected override void Reset(Generator generator)
    {
        _generator = generator.Fork("dropout");
        foreach ((Tensor weight, string name) in (ReadOnlySpan<(Tensor, string)>)[(Weight, nameof(Weight)), (SourceAttention, nameof(SourceAttention)), (TargetAttention, nameof(TargetAttention))])
            Init.XavierUniform().Fill(weight, generator.Fork(name));
        Bias?.FillInPlace(0);
    }

    public override string ToString() => $"GraphAttention({_inputs} → {_outputs}{(_heads == 1 ? "" : $", heads: {_heads}")}{(_average ? ", average: true" : "")}{(_dropout == 0 ? "" : $", dropout: {_dropout}")}{(Bias is null ? ", bias: false" : "")})";
}
