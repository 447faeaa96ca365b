namespace Gradwright.Layers;

/// <summary>
/// In training, zeroes each element with probability <paramref name="rate"/> and scales the others by 1/(1 − rate); in evaluation
/// does nothing (Srivastava et al. 2014, inverted form).
/// </summary>
/// <param name="rate">Probability of being dropped, 0 ≤ rate &lt; 1.</param>
public sealed class Dropout(double rate = 0.5) : Module<Tensor, Tensor>
{
    private readonly double _rate = rate is >= 0 and < 1 ? rate
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "Dropout: the rate must be at least 0 and below 1.");

    private Generator _generator = new();

    protected override Tensor ForwardCore(Tensor x) => IsTraining && _rate > 0 ? x.Dropout(_rate, _generator) : x;
    protected override void Reset(Generator generator) => _generator = generator;
    public override string ToString() => $"Dropout({_rate})";
}
