namespace Gradwright.Layers;

/// <summary>
/// x where x &gt; 0, else slope · x with a learnt slope (He et al. 2015, "Delving Deep into Rectifiers"): one for all, or one per channel in dimension 1. Leave
/// it out of weight decay, which would draw the slopes to 0.
/// </summary>
/// <param name="channels">1 for one slope, or the length of dimension 1 of x.</param>
/// <param name="slope">What the slopes start with.</param>
/// <param name="dtype">The type of the parameters.</param>
public sealed class PReLU(int channels = 1, double slope = 0.25, DType dtype = DType.Float32) : Module<Tensor, Tensor>
{
    /// <summary>The slopes, [channels].</summary>
    public Tensor Weight { get; } = Create(channels, dtype);

    protected override Tensor ForwardCore(Tensor x)
    {
        if (channels == 1) return x.PRelu(Weight);
        if (x.Rank < 2 || x.Shape[1] != channels)
            throw new ShapeException($"PReLU: x {x.Shape} must be [batch, {channels}] or [batch, {channels}, …], one slope per channel in dimension 1. PReLU() has one slope for all.");
        return x.PRelu(Weight.Reshape((Shape)(long[])[channels, .. Enumerable.Repeat(1L, x.Rank - 2)]));
    }

    protected override void Reset(Generator generator) => Weight.FillInPlace(slope);

    public override string ToString() => $"PReLU({channels}{(slope == 0.25 ? "" : $", slope: {slope}")})";

    private static Tensor Create(int channels, DType dtype)
    {
        Positive.Check(nameof(PReLU), (nameof(channels), channels));
        return Tensor.Parameter([channels], dtype);
    }
}
