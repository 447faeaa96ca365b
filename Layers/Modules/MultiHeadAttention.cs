namespace Gradwright.Layers;

/// <summary>
/// Multi-head attention (Vaswani et al. 2017): queries, keys and values are projected, cut into heads of d = features/heads, attended to by each head alone
/// (softmax(q kᵀ/√d) v), joined and projected. State names are PyTorch's. The weights are never stored: memory grows with the length, not with its square.
/// </summary>
/// <example><code>
/// MultiHeadAttention attention = new(64, 8);
/// Tensor y = attention.Forward(x);                                    // self-attention over x [N, L, 64]
/// Tensor z = attention.Forward(new(x, memory, memory) { KeyMask = isWord });
/// </code></example>
public sealed class MultiHeadAttention : Module<AttentionInput, Tensor>
{
    private readonly int _features, _heads, _keyFeatures, _valueFeatures;
    private readonly double _dropout;
    private readonly bool _hasBias;
    private Generator _generator = new();

    /// <summary>Attention with the given sizes.</summary>
    /// <param name="features">E: length of queries and results.</param>
    /// <param name="heads">Number of heads; divides <paramref name="features"/>.</param>
    /// <param name="dropout">Probability that a weight is zeroed in training.</param>
    /// <param name="bias">Whether the projections have biases.</param>
    /// <param name="keyFeatures">Length of keys, if it is not E.</param>
    /// <param name="valueFeatures">Length of values, if it is not E.</param>
    /// <param name="dtype">The type of the parameters.</param>
    /// <exception cref="ArgumentException">The heads do not divide the features.</exception>
    public MultiHeadAttention(int features, int heads, double dropout = 0, bool bias = true, int? keyFeatures = null, int? valueFeatures = null, DType dtype = DType.Float32)
    {
        (_features, _heads, _dropout, _hasBias, _keyFeatures, _valueFeatures) = (features, heads, dropout, bias, keyFeatures ?? features, valueFeatures ?? features);
        Positive.Check(nameof(MultiHeadAttention), (nameof(features), features), (nameof(heads), heads), (nameof(keyFeatures), _keyFeatures), (nameof(valueFeatures), _valueFeatures));
        if (features % heads != 0) throw new ArgumentException($"MultiHeadAttention: {features} features cannot be shared evenly by {heads} heads. Choose a number of heads that divides them.", nameof(heads));
        if (dropout is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "MultiHeadAttention: the dropout rate must be at least 0 and below 1.");
        if (_keyFeatures == features && _valueFeatures == features) InProjWeight = Tensor.Parameter([3 * features, features], dtype);
        else
        {
            QueryWeight = Tensor.Parameter([features, features], dtype);
            KeyWeight = Tensor.Parameter([features, _keyFeatures], dtype);
            ValueWeight = Tensor.Parameter([features, _valueFeatures], dtype);
        }

        InProjBias = bias ? Tensor.Parameter([3 * features], dtype) : null;
        OutProj = new(features, features, bias, dtype) { BiasInit = Init.Zeros };
    }

    /// <summary>The projections of queries, keys and values, one below the other, [3E, E]; null where keys or values have another length.</summary>
    public Tensor? InProjWeight { get; }

    /// <summary>The projection of queries [E, E], where keys or values have another length.</summary>
    [field: StateName("q_proj_weight")]
    public Tensor? QueryWeight { get; }

    /// <summary>The projection of keys [E, keyFeatures], where keys or values have another length.</summary>
    [field: StateName("k_proj_weight")]
    public Tensor? KeyWeight { get; }

    /// <summary>The projection of values [E, valueFeatures], where keys or values have another length.</summary>
    [field: StateName("v_proj_weight")]
    public Tensor? ValueWeight { get; }

    /// <summary>The biases of the three projections, [3E], or null.</summary>
    public Tensor? InProjBias { get; }

    /// <summary>The projection of the joined heads.</summary>
    public Linear OutProj { get; }

    protected override Tensor ForwardCore(AttentionInput input)
    {
        CheckInput(input);
        (Tensor q, Tensor k, Tensor v) = Project(input);
        bool drops = IsTraining && _dropout > 0;
        Tensor y = q.Attention(k, v, MaskOf(input), input.Bias, input.Causal, dropout: drops ? _dropout : 0, generator: drops ? _generator : null);
        return OutProj.Forward(y.Transpose(-3, -2).Reshape([.. input.Query.Shape.Span[..^1], _features]));
    }

    /// <summary>The weights that each head gives to the keys, [N, heads, L, S], without dropout: to look at. This matrix is stored.</summary>
    public Tensor Weights(AttentionInput input)
    {
        NamedParameters();      // initial values, if this is the first use
        CheckInput(input);
        using TensorScope scope = new();
        (Tensor q, Tensor k, _) = Project(input);
        return TensorScope.Keep(q.AttentionWeights(k, MaskOf(input), input.Bias, input.Causal));
    }

    protected override void Reset(Generator generator)
    {
        _generator = generator.Fork("dropout");
        foreach ((Tensor? weight, string name) in (ReadOnlySpan<(Tensor?, string)>)[(InProjWeight, nameof(InProjWeight)), (QueryWeight, nameof(QueryWeight)), (KeyWeight, nameof(KeyWeight)), (ValueWeight, nameof(ValueWeight))])
            if (weight is not null) Init.XavierUniform().Fill(weight, generator.Fork(name));
        InProjBias?.FillInPlace(0);
    }

    public override string ToString()
        => $"MultiHeadAttention({_features}, heads: {_heads}{(_dropout == 0 ? "" : $", dropout: {_dropout}")}{(_hasBias ? "" : ", bias: false")}"
            + $"{(_keyFeatures == _features ? "" : $", keyFeatures: {_keyFeatures}")}{(_valueFeatures == _features ? "" : $", valueFeatures: {_valueFeatures}")})";

    /// <summary>Queries, keys and values by heads, [N, heads, L or S, d]. Operands that are the same tensor share one product.</summary>
    private (Tensor Q, Tensor K, Tensor V) Project(AttentionInput input)
    {
        (Tensor query, Tensor key, Tensor value) = (input.Query, input.Key, input.Value);
        if (InProjWeight is null) return (Part(query, QueryWeight!, 0), Part(key, KeyWeight!, 1), Part(value, ValueWeight!, 2));
        if (ReferenceEquals(query, key) && ReferenceEquals(key, value))
        {
            Tensor[] all = Parts(query, InProjWeight, InProjBias, 3);
            return (all[0], all[1], all[2]);
        }

        Tensor q = Part(query, Rows(InProjWeight, 0, 1), 0);
        if (!ReferenceEquals(key, value)) return (q, Part(key, Rows(InProjWeight, 1, 1), 1), Part(value, Rows(InProjWeight, 2, 1), 2));
        Tensor[] both = Parts(key, Rows(InProjWeight, 1, 2), InProjBias is null ? null : Rows(InProjBias, 1, 2), 2);
        return (q, both[0], both[1]);
    }

    private Tensor Rows(Tensor parameter, int first, int count) => parameter.Slice(0, first * _features, count * _features);

    private Tensor Part(Tensor x, Tensor weight, int number) => Parts(x, weight, InProjBias is null ? null : Rows(InProjBias, number, 1), 1)[0];

    /// <summary>One product for several projections of x [.., L, features], each cut into heads [.., heads, L, d]: views into its rows.</summary>
    private Tensor[] Parts(Tensor x, Tensor weight, Tensor? bias, int count)
    {
        Tensor rows = x.MatMul(weight.Transpose(), bias).Reshape([.. x.Shape.Span[..^1], count, _heads, _features / _heads]);
        Tensor[] parts = rows.Unbind(-3);
        for (int i = 0; i < count; i++) parts[i] = parts[i].Transpose(-3, -2);
        return parts;
    }

    private static Tensor? MaskOf(AttentionInput input)
    {
        Tensor? keys = input.KeyMask?.Unsqueeze(-2).Unsqueeze(-2);
        return keys is null ? input.Mask : input.Mask is null ? keys : input.Mask & keys;
    }

    private void CheckInput(AttentionInput input)
    {
        (Tensor query, Tensor key, Tensor value) = (input.Query, input.Key, input.Value);
        if (query is null || key is null || value is null) throw new ArgumentNullException(nameof(input), "MultiHeadAttention: queries, keys and values are needed.");
        foreach ((Tensor x, string what, int features) in (ReadOnlySpan<(Tensor, string, int)>)[(query, "queries", _features), (key, "keys", _keyFeatures), (value, "values", _valueFeatures)])
        {
            if (x.Rank is not (2 or 3) || x.Rank != query.Rank || x.Shape[^1] != features)
                throw new ShapeException($"MultiHeadAttention: {what} {x.Shape} must be [batch, length, {features}], or [length, {features}] for all three of queries, keys and values.");
        }

        if (input.KeyMask is { } mask && (mask.DType != DType.Bool || !mask.Shape.Span.SequenceEqual(key.Shape.Span[..^1])))
            throw new ShapeException($"MultiHeadAttention: the key mask {mask.Describe()} must be Bool {(Shape)key.Shape.Span[..^1].ToArray()}: true for each key that is there.");
    }
}
