namespace Gradwright.Layers;

/// <summary>A normalisation with a γ and a β per channel of [n, channels, …], and perhaps running averages of the statistics.</summary>
public abstract class ChannelNorm : Module<Tensor, Tensor>
{
    private readonly bool _tracks;

    private protected ChannelNorm(double epsilon, bool affine, bool tracks, double? momentum)
    {
        Positive.Check(GetType().Name, nameof(epsilon), epsilon, "ε keeps a constant channel from dividing by 0");
        if (momentum is not (null or (>= 0 and <= 1)))
            throw new ArgumentOutOfRangeException(nameof(momentum), momentum, $"{GetType().Name}: the momentum is the share of the newest batch, 0 to 1, or null for the average over all batches.");
        (Epsilon, Affine, _tracks, Momentum) = (epsilon, affine, tracks, momentum);
    }

    /// <summary>γ, [channels], or null.</summary>
    public Tensor? Weight { get; private set; }

    /// <summary>β, [channels], or null.</summary>
    public Tensor? Bias { get; private set; }

    /// <summary>The running average of μ, [channels]; null if none is kept.</summary>
    [field: Buffer]
    public Tensor? RunningMean { get; private set; }

    /// <summary>The running average of the unbiased σ², [channels]; null if none is kept.</summary>
    [field: Buffer]
    [field: StateName("running_var")]
    public Tensor? RunningVariance { get; private set; }

    /// <summary>The batches so far, an Int64 scalar, where the averages are of all batches alike; else null.</summary>
    [field: Buffer]
    public Tensor? NumBatchesTracked { get; private set; }

    private protected double Epsilon { get; }

    private protected bool Affine { get; }

    /// <summary>Length of dimension 1; 0 while it is not known.</summary>
    private protected int Channels { get; private set; }

    /// <summary>The share of the newest batch in the running averages; null for the average over all batches.</summary>
    internal double? Momentum { get; set; }

    protected internal override bool IsBuilt => Channels > 0 || !(Affine || _tracks);

    /// <summary>Learns the number of channels from the first input.</summary>
    private protected void Learn(Tensor x)
    {
        if (IsBuilt) return;
        Create(checked((int)x.Shape[1]), x.DType, x.Accelerator);
        ParametersChanged();
    }

    /// <summary>Makes parameters and buffers.</summary>
    private protected void Create(int channels, DType dtype, Accelerator? accelerator = null)
    {
        Channels = channels;
        using TensorScope.Suspension suspension = TensorScope.Suspend();
        if (Affine)
        {
            Weight = Tensor.Parameter([channels], dtype, accelerator: accelerator);
            Bias = Tensor.Parameter([channels], dtype, accelerator: accelerator);
            Weight.FillInPlace(1);
        }

        if (!_tracks) return;
        RunningMean = Tensor.Zeros([channels], dtype, accelerator);
        RunningVariance = Tensor.Ones([channels], dtype, accelerator);
        if (Momentum is null) NumBatchesTracked = Tensor.Zeros([], DType.Int64, accelerator);
    }

    /// <summary>Takes a batch's mean and unbiased variance into the running averages.</summary>
    private protected void Track(Tensor mean, Tensor variance)
    {
        using Tape.Pause pause = Tape.NoRecord();
        NumBatchesTracked?.AddInPlace(1);
        Update(RunningMean!, mean);
        Update(RunningVariance!, variance);
    }

    protected override void Reset(Generator generator)
    {
        Weight?.FillInPlace(1);
        Bias?.FillInPlace(0);
        RunningMean?.FillInPlace(0);
        RunningVariance?.FillInPlace(1);
        NumBatchesTracked?.FillInPlace(0);
    }

    /// <summary>The options that differ from the usual ones, as the constructor takes them.</summary>
    private protected string Options(string momentum, bool affine)
        => $"{(Epsilon == 1e-5 ? "" : $", epsilon: {Epsilon}")}{momentum}{(Affine == affine ? "" : $", affine: {(Affine ? "true" : "false")}")}";

    private protected string MomentumOption => Momentum == 0.1 ? "" : $", momentum: {Momentum?.ToString() ?? "null"}";

    private protected string ChannelCount => Channels == 0 ? "?" : $"{Channels}";

    private void Update(Tensor average, Tensor newest)
    {
        if (Momentum is { } share) average.CopyFrom(average * (1 - share) + newest.Detach() * share);
        else average.CopyFrom(average + (newest.Detach() - average) / NumBatchesTracked!.Cast(average.DType));
    }
}
