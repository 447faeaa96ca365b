namespace Gradwright.Layers;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy 2015): y = γ(x − μ)/√(σ² + ε) + β per channel. In training μ and σ² are the batch's,
/// and running averages of them are kept; in evaluation the averages are used.
/// </summary>
public abstract class BatchNorm : ChannelNorm
{
    private protected BatchNorm(double epsilon, double? momentum, bool affine) : base(epsilon, affine, tracks: true, momentum) { }

    private protected BatchNorm(int channels, double epsilon, double? momentum, bool affine, DType dtype) : this(epsilon, momentum, affine)
    {
        Positive.Check(GetType().Name, (nameof(channels), channels));
        Create(channels, dtype);
    }

    /// <summary>The running average of μ, [channels].</summary>
    public new Tensor RunningMean => base.RunningMean!;

    /// <summary>The running average of the unbiased σ², [channels].</summary>
    public new Tensor RunningVariance => base.RunningVariance!;

    /// <summary>Checks the number of dimensions.</summary>
    private protected abstract void CheckRank(Tensor x);

    protected override Tensor ForwardCore(Tensor x)
    {
        CheckRank(x);
        Learn(x);
        if (!IsTraining) return x.BatchNormInference(RunningMean, RunningVariance, Weight, Bias, Epsilon);
        (Tensor y, Tensor mean, Tensor variance) = x.BatchNorm(Weight, Bias, Epsilon);
        double count = (double)x.Count / Channels;
        using (Tape.NoRecord()) Track(mean, variance.Detach() * (count > 1 ? count / (count - 1) : 1));
        return y;
    }

    public override string ToString() => $"{GetType().Name}({ChannelCount}{Options(MomentumOption, affine: true)})";
}

/// <summary>Batch normalisation of features [n, channels] or sequences [n, channels, length].</summary>
public sealed class BatchNorm1D : BatchNorm
{
    /// <summary>Normalises a known number of channels.</summary>
    /// <param name="channels">Length of dimension 1.</param>
    /// <param name="epsilon">ε, added to σ².</param>
    /// <param name="momentum">Share of the newest batch in the running averages; null for the average over all batches.</param>
    /// <param name="affine">Whether γ and β are there.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public BatchNorm1D(int channels, double epsilon = 1e-5, double? momentum = 0.1, bool affine = true, DType dtype = DType.Float32) : base(channels, epsilon, momentum, affine, dtype) { }

    /// <summary>Learns the number of channels from the first input.</summary>
    public BatchNorm1D(double epsilon = 1e-5, double? momentum = 0.1, bool affine = true) : base(epsilon, momentum, affine) { }

    private protected override void CheckRank(Tensor x)
    {
        if (x.Rank is not (2 or 3)) throw new ShapeException($"BatchNorm1D: x {x.Shape} must be [batch, channels] or [batch, channels, length]. For pictures use BatchNorm2D.");
    }
}

/// <summary>Batch normalisation of pictures [n, channels, height, width].</summary>
public sealed class BatchNorm2D : BatchNorm
{
    /// <inheritdoc cref="BatchNorm1D(int, double, double?, bool, DType)"/>
    public BatchNorm2D(int channels, double epsilon = 1e-5, double? momentum = 0.1, bool affine = true, DType dtype = DType.Float32) : base(channels, epsilon, momentum, affine, dtype) { }

    /// <inheritdoc cref="BatchNorm1D(double, double?, bool)"/>
    public BatchNorm2D(double epsilon = 1e-5, double? momentum = 0.1, bool affine = true) : base(epsilon, momentum, affine) { }

    private protected override void CheckRank(Tensor x)
    {
        if (x.Rank != 4) throw new ShapeException($"BatchNorm2D: x {x.Shape} must be [batch, channels, height, width]. For features use BatchNorm1D.");
    }
}

/// <summary>Batch normalisation of volumes [n, channels, depth, height, width].</summary>
public sealed class BatchNorm3D : BatchNorm
{
    /// <inheritdoc cref="BatchNorm1D(int, double, double?, bool, DType)"/>
    public BatchNorm3D(int channels, double epsilon = 1e-5, double? momentum = 0.1, bool affine = true, DType dtype = DType.Float32) : base(channels, epsilon, momentum, affine, dtype) { }

    /// <inheritdoc cref="BatchNorm1D(double, double?, bool)"/>
    public BatchNorm3D(double epsilon = 1e-5, double? momentum = 0.1, bool affine = true) : base(epsilon, momentum, affine) { }

    private protected override void CheckRank(Tensor x)
    {
        if (x.Rank != 5) throw new ShapeException($"BatchNorm3D: x {x.Shape} must be [batch, channels, depth, height, width]. For pictures use BatchNorm2D.");
    }
}
