namespace Gradwright.Layers;

/// <summary>
/// Dropout of whole channels of [n, channels, …] (Tompson et al. 2015): neighbouring pixels say nearly the same, so dropping single ones would hide nothing. What
/// is left is scaled by 1/(1 − rate) in training; evaluation does nothing. For sequences, pictures and volumes alike.
/// </summary>
/// <param name="rate">Probability of a channel of a sample being dropped, 0 ≤ rate &lt; 1.</param>
public sealed class SpatialDropout(double rate = 0.5) : Module<Tensor, Tensor>
{
    private readonly double _rate = DropRate.Check(nameof(SpatialDropout), rate);

    private Generator _generator = new();

    protected override Tensor ForwardCore(Tensor x)
    {
        if (x.Rank < 3) throw new ShapeException($"SpatialDropout: x {x.Shape} must be [batch, channels, …] with places behind the channels. For features use Dropout.");
        return IsTraining && _rate > 0 ? x.DropoutSlices(_rate, _generator, 2) : x;
    }

    protected override void Reset(Generator generator) => _generator = generator;
    public override string ToString() => $"SpatialDropout({_rate})";
}
