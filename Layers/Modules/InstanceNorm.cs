namespace Gradwright.Layers;

/// <summary>
/// Instance normalisation (Ulyanov et al. 2016): y = γ(x − μ)/√(σ² + ε) + β with each channel's statistics in each sample alone. With running statistics,
/// evaluation uses their averages instead, as batch normalisation does.
/// </summary>
public abstract class InstanceNorm : ChannelNorm
{
    private readonly bool _tracks;
    private readonly int _rank;
    private readonly string _dimensions;

    private protected InstanceNorm(string dimensions, double epsilon, double? momentum, bool affine, bool trackRunningStatistics) : base(epsilon, affine, trackRunningStatistics, momentum)
        => (_dimensions, _rank, _tracks) = (dimensions, dimensions.Split(',').Length, trackRunningStatistics);

    private protected InstanceNorm(string dimensions, int channels, double epsilon, double? momentum, bool affine, bool trackRunningStatistics, DType dtype)
        : this(dimensions, epsilon, momentum, affine, trackRunningStatistics)
    {
        Positive.Check(GetType().Name, (nameof(channels), channels));
        Create(channels, dtype);
    }

    protected override Tensor ForwardCore(Tensor x)
    {
        if (x.Rank != _rank) throw new ShapeException($"{GetType().Name}: x {x.Shape} must be [{_dimensions}]. Add dimensions with Unsqueeze.");
        if (Channels > 0 && x.Shape[1] != Channels) throw new ShapeException($"{GetType().Name}: x {x.Shape} has {x.Shape[1]} channels in dimension 1, but the layer was made for {Channels}.");
        Learn(x);
        if (_tracks && !IsTraining) return x.BatchNormInference(RunningMean!, RunningVariance!, Weight, Bias, Epsilon);
        long places = x.Count / Math.Max(1, x.Shape[0] * x.Shape[1]);
        if (places == 1)
            throw new ShapeException($"{GetType().Name}: a channel of x {x.Shape} has one element in each sample, which normalises to 0 whatever it is. Use LayerNorm or GroupNorm.");
        if (_tracks)
        {
            using Tape.Pause pause = Tape.NoRecord();
            Tensor sample = x.Detach().Reshape(x.Shape[0], x.Shape[1], places);
            Track(sample.Mean([0, 2]), sample.Variance(2).Mean(0));
        }

        return x.InstanceNorm(Weight, Bias, Epsilon);
    }

    public override string ToString()
        => $"{GetType().Name}({ChannelCount}{Options(_tracks ? MomentumOption : "", affine: false)}{(_tracks ? ", trackRunningStatistics: true" : "")})";
}

/// <summary>Instance normalisation of sequences [n, channels, length].</summary>
public sealed class InstanceNorm1D : InstanceNorm
{
    private const string Dimensions = "batch, channels, length";

    /// <summary>Normalises a known number of channels.</summary>
    /// <param name="channels">Length of dimension 1.</param>
    /// <param name="epsilon">ε, added to σ².</param>
    /// <param name="momentum">Share of the newest batch in the running statistics; null for the average over all batches.</param>
    /// <param name="affine">Whether γ and β are there.</param>
    /// <param name="trackRunningStatistics">Whether averages of the statistics are kept, and used in evaluation.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public InstanceNorm1D(int channels, double epsilon = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStatistics = false, DType dtype = DType.Float32)
        : base(Dimensions, channels, epsilon, momentum, affine, trackRunningStatistics, dtype) { }

    /// <summary>Learns the number of channels from the first input.</summary>
    public InstanceNorm1D(double epsilon = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStatistics = false)
        : base(Dimensions, epsilon, momentum, affine, trackRunningStatistics) { }
}

/// <summary>Instance normalisation of pictures [n, channels, height, width].</summary>
public sealed class InstanceNorm2D : InstanceNorm
{
    private const string Dimensions = "batch, channels, height, width";

    /// <inheritdoc cref="InstanceNorm1D(int, double, double?, bool, bool, DType)"/>
    public InstanceNorm2D(int channels, double epsilon = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStatistics = false, DType dtype = DType.Float32)
        : base(Dimensions, channels, epsilon, momentum, affine, trackRunningStatistics, dtype) { }

    /// <inheritdoc cref="InstanceNorm1D(double, double?, bool, bool)"/>
    public InstanceNorm2D(double epsilon = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStatistics = false)
        : base(Dimensions, epsilon, momentum, affine, trackRunningStatistics) { }
}

/// <summary>Instance normalisation of volumes [n, channels, depth, height, width].</summary>
public sealed class InstanceNorm3D : InstanceNorm
{
    private const string Dimensions = "batch, channels, depth, height, width";

    /// <inheritdoc cref="InstanceNorm1D(int, double, double?, bool, bool, DType)"/>
    public InstanceNorm3D(int channels, double epsilon = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStatistics = false, DType dtype = DType.Float32)
        : base(Dimensions, channels, epsilon, momentum, affine, trackRunningStatistics, dtype) { }

    /// <inheritdoc cref="InstanceNorm1D(double, double?, bool, bool)"/>
    public InstanceNorm3D(double epsilon = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStatistics = false)
        : base(Dimensions, epsilon, momentum, affine, trackRunningStatistics) { }
}
