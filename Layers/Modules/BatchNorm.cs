namespace Gradwright.Layers;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy 2015): y = γ(x − μ)/√(σ² + ε) + β per channel. In training μ and σ² are the batch's,
/// and running averages of them are kept; in evaluation the averages are used.
/// </summary>
public abstract class BatchNorm : Module<Tensor, Tensor>
{
    private readonly double _epsilon;
    private readonly bool _affine;
    private int _channels;

    private protected BatchNorm(double epsilon, double momentum, bool affine)
    {
        if (!(epsilon > 0)) throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, $"{GetType().Name}: ε keeps a constant channel from dividing by 0 and must be positive.");
        if (momentum is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(momentum), momentum, $"{GetType().Name}: the momentum is the share of the newest batch, 0 to 1.");
        (_epsilon, Momentum, _affine) = (epsilon, momentum, affine);
    }

    private protected BatchNorm(int channels, double epsilon, double momentum, bool affine, DType dtype) : this(epsilon, momentum, affine)
    {
        Positive.Check(GetType().Name, (nameof(channels), channels));
        Create(channels, dtype);
    }

    /// <summary>γ, [channels], or null.</summary>
    public Tensor? Weight { get; private set; }

    /// <summary>β, [channels], or null.</summary>
    public Tensor? Bias { get; private set; }

    /// <summary>The running average of μ, [channels].</summary>
    [field: Buffer]
    public Tensor RunningMean { get; private set; } = null!;

    /// <summary>The running average of the unbiased σ², [channels].</summary>
    [field: Buffer]
    [field: StateName("running_var")]
    public Tensor RunningVariance { get; private set; } = null!;

    /// <summary>The share of the newest batch in the running averages.</summary>
    internal double Momentum { get; set; }

    protected internal override bool IsBuilt => RunningMean is not null;

    /// <summary>Checks the number of dimensions.</summary>
    private protected abstract void CheckRank(Tensor x);

    protected override Tensor ForwardCore(Tensor x)
    {
        CheckRank(x);
        if (!IsBuilt)
        {
            Create(checked((int)x.Shape[1]), x.DType, x.Accelerator);
            ParametersChanged();
        }

        if (!IsTraining) return x.BatchNormInference(RunningMean, RunningVariance, Weight, Bias, _epsilon);
        (Tensor y, Tensor mean, Tensor variance) = x.BatchNorm(Weight, Bias, _epsilon);
        using (Tape.NoRecord())
        {
            double count = (double)x.Count / _channels, unbiased = count > 1 ? count / (count - 1) : 1;
            RunningMean.CopyFrom(RunningMean * (1 - Momentum) + mean.Detach() * Momentum);
            RunningVariance.CopyFrom(RunningVariance * (1 - Momentum) + variance.Detach() * (Momentum * unbiased));
        }

        return y;
    }

    protected override void Reset(Generator generator)
    {
        if (!IsBuilt) return;
        Weight?.FillInPlace(1);
        Bias?.FillInPlace(0);
        RunningMean.FillInPlace(0);
        RunningVariance.FillInPlace(1);
    }

    public override string ToString()
        => $"{GetType().Name}({(_channels == 0 ? "?" : _channels)}{(_epsilon == 1e-5 ? "" : $", epsilon: {_epsilon}")}{(Momentum == 0.1 ? "" : $", momentum: {Momentum}")}{(_affine ? "" : ", affine: false")})";

    private void Create(int channels, DType dtype, Accelerator? accelerator = null)
    {
        _channels = channels;
        using TensorScope.Suspension suspension = TensorScope.Suspend();
        Weight = _affine ? Tensor.Parameter([channels], dtype, accelerator: accelerator) : null;
        Bias = _affine ? Tensor.Parameter([channels], dtype, accelerator: accelerator) : null;
        RunningMean = Tensor.Zeros([channels], dtype, accelerator);
        RunningVariance = Tensor.Ones([channels], dtype, accelerator);
        Weight?.FillInPlace(1);
    }
}

/// <summary>Batch normalisation of features [n, channels] or sequences [n, channels, length].</summary>
public sealed class BatchNorm1D : BatchNorm
{
    /// <summary>Normalises a known number of channels.</summary>
    /// <param name="channels">Length of dimension 1.</param>
    /// <param name="epsilon">ε, added to σ².</param>
    /// <param name="momentum">Share of the newest batch in the running averages.</param>
    /// <param name="affine">Whether γ and β are there.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public BatchNorm1D(int channels, double epsilon = 1e-5, double momentum = 0.1, bool affine = true, DType dtype = DType.Float32) : base(channels, epsilon, momentum, affine, dtype) { }

    /// <summary>Learns the number of channels from the first input.</summary>
    public BatchNorm1D(double epsilon = 1e-5, double momentum = 0.1, bool affine = true) : base(epsilon, momentum, affine) { }

    private protected override void CheckRank(Tensor x)
    {
        if (x.Rank is not (2 or 3)) throw new ShapeException($"BatchNorm1D: x {x.Shape} must be [batch, channels] or [batch, channels, length]. For pictures use BatchNorm2D.");
    }
}

/// <summary>Batch normalisation of pictures [n, channels, height, width].</summary>
public sealed class BatchNorm2D : BatchNorm
{
    /// <inheritdoc cref="BatchNorm1D(int, double, double, bool, DType)"/>
    public BatchNorm2D(int channels, double epsilon = 1e-5, double momentum = 0.1, bool affine = true, DType dtype = DType.Float32) : base(channels, epsilon, momentum, affine, dtype) { }

    /// <inheritdoc cref="BatchNorm1D(double, double, bool)"/>
    public BatchNorm2D(double epsilon = 1e-5, double momentum = 0.1, bool affine = true) : base(epsilon, momentum, affine) { }

    private protected override void CheckRank(Tensor x)
    {
        if (x.Rank != 4) throw new ShapeException($"BatchNorm2D: x {x.Shape} must be [batch, channels, height, width]. For features use BatchNorm1D.");
    }
}
