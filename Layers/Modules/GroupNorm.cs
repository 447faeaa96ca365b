namespace Gradwright.Layers;

/// <summary>
/// Group normalisation (Wu and He 2018) of [n, channels, …]: y = γ(x − μ)/√(σ² + ε) + β with statistics over a group of channels of one sample, γ and β per
/// channel. It does not depend on the batch. One group is layer normalisation of pictures, a group per channel instance normalisation.
/// </summary>
public sealed class GroupNorm : ChannelNorm
{
    private readonly int _groups;

    /// <summary>Normalises a known number of channels.</summary>
    /// <param name="groups">The channels are cut into so many groups.</param>
    /// <param name="channels">Length of dimension 1, a multiple of the groups.</param>
    /// <param name="epsilon">ε, added to σ².</param>
    /// <param name="affine">Whether γ and β are there.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public GroupNorm(int groups, int channels, double epsilon = 1e-5, bool affine = true, DType dtype = DType.Float32) : this(groups, epsilon, affine)
    {
        CheckGroups(nameof(GroupNorm), groups, channels);
        Create(channels, dtype);
    }

    /// <summary>Learns the number of channels from the first input.</summary>
    /// <inheritdoc cref="GroupNorm(int, int, double, bool, DType)" path="/param"/>
    public GroupNorm(int groups, double epsilon = 1e-5, bool affine = true) : base(epsilon, affine, tracks: false, momentum: null)
    {
        Positive.Check(nameof(GroupNorm), (nameof(groups), groups));
        _groups = groups;
    }

    protected override Tensor ForwardCore(Tensor x)
    {
        if (x.Rank < 2) throw new ShapeException($"GroupNorm: x {x.Shape} must be [batch, channels] or [batch, channels, …]. Add dimensions with Unsqueeze.");
        if (!IsBuilt) CheckGroups(nameof(GroupNorm), _groups, x.Shape[1]);
        Learn(x);
        return x.GroupNorm(_groups, Weight, Bias, Epsilon);
    }

    public override string ToString() => $"GroupNorm({_groups}, {ChannelCount}{Options("", affine: true)})";

    internal static void CheckGroups(string layer, int groups, long channels)
    {
        Positive.Check(layer, (nameof(groups), groups), (nameof(channels), channels));
        if (channels % groups != 0) throw new ArgumentException($"{layer}: {channels} channels cannot be cut into {groups} equal groups. Choose a divisor of {channels}.");
    }
}
