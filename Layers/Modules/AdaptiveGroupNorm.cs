namespace Gradwright.Layers;

/// <summary>
/// Group normalisation whose scale and shift come from an embedding (Dhariwal and Nichol 2021, "AdaGN"): y = (1 + s)(x − μ)/√(σ² + ε) + b, where s and b, a
/// number per sample and channel, are an affine map of the embedding: of the time step of a diffusion model, say. Put an activation such as SiLU in front
/// of the embedding if it has none.
/// </summary>
/// <param name="groups">The channels are cut into so many groups.</param>
/// <param name="channels">Length of dimension 1 of x, a multiple of the groups.</param>
/// <param name="embedding">Length of an embedding.</param>
/// <param name="epsilon">ε, added to σ².</param>
/// <param name="dtype">The type of the parameters.</param>
public sealed class AdaptiveGroupNorm(int groups, int channels, int embedding, double epsilon = 1e-5, DType dtype = DType.Float32) : Module<(Tensor X, Tensor Embedding), Tensor>
{
    private readonly double _epsilon = Positive.Check(nameof(AdaptiveGroupNorm), nameof(epsilon), epsilon, "ε keeps a constant group from dividing by 0");

    /// <summary>From an embedding to s (the first half) and b (the second half) of all channels.</summary>
    public Linear Projection { get; } = Project(groups, channels, embedding, dtype);

    /// <summary>Runs it on x [n, channels, …] and embeddings [n, embedding].</summary>
    public Tensor Forward(Tensor x, Tensor embedding) => Forward((x, embedding));

    protected override Tensor ForwardCore((Tensor X, Tensor Embedding) input)
    {
        (Tensor x, Tensor e) = input;
        if (x.Rank < 2 || x.Shape[1] != channels) throw new ShapeException($"AdaptiveGroupNorm: x {x.Shape} must be [batch, {channels}, …].");
        if (e.Rank != 2 || e.Shape[0] != x.Shape[0] || e.Shape[1] != embedding)
            throw new ShapeException($"AdaptiveGroupNorm: the embedding {e.Shape} must be [{x.Shape[0]}, {embedding}], one row per sample of x {x.Shape}.");
        Tensor both = Projection.Forward(e);
        return x.GroupNorm(groups, both.Slice(1, 0, channels) + 1, both.Slice(1, channels, channels), _epsilon);
    }

    public override string ToString() => $"AdaptiveGroupNorm({groups}, {channels}, {embedding}{(_epsilon == 1e-5 ? "" : $", epsilon: {_epsilon}")})";

    private static Linear Project(int groups, int channels, int embedding, DType dtype)
    {
        GroupNorm.CheckGroups(nameof(AdaptiveGroupNorm), groups, channels);
        Positive.Check(nameof(AdaptiveGroupNorm), (nameof(embedding), embedding));
        return new(embedding, 2 * channels, dtype: dtype);
    }
}
