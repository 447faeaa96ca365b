namespace Gradwright.Layers;

/// <summary>
/// In training, zeroes each element with probability <paramref name="rate"/> (Srivastava et al. 2014). The inverted form scales the others by 1/(1 − rate) and
/// does nothing in evaluation; the plain form, as first published, leaves them and multiplies by 1 − rate in evaluation.
/// </summary>
/// <param name="rate">Probability of being dropped, 0 ≤ rate &lt; 1.</param>
/// <param name="inverted">Scale in training rather than in evaluation.</param>
public sealed class Dropout(double rate = 0.5, bool inverted = true) : Module<Tensor, Tensor>
{
    private readonly double _rate = DropRate.Check(nameof(Dropout), rate);

    private Generator _generator = new();

    protected override Tensor ForwardCore(Tensor x)
        => _rate == 0 ? x : IsTraining ? x.Dropout(_rate, _generator, inverted) : inverted ? x : x * (1 - _rate);

    /// <summary>x + <see cref="Module{TIn, TOut}.Forward"/>(y), with the same numbers, and in training as one op: the end of a residual branch.</summary>
    internal Tensor AddTo(Tensor x, Tensor y)
    {
        if (_rate == 0 || !IsTraining || HasHooks || x.Shape != y.Shape) return x + Forward(y);
        StepRecording.Current?.Conditions.Add(new ModeStays(this, IsTraining));
        return x.AddDropout(y, _rate, _generator, inverted);
    }

    protected override void Reset(Generator generator) => _generator = generator;
    public override string ToString() => $"Dropout({_rate}{(inverted ? "" : ", inverted: false")})";
}

/// <summary>The check of every rate at which something is dropped.</summary>
internal static class DropRate
{
    public static double Check(string layer, double rate) => rate is >= 0 and < 1 ? rate
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, $"{layer}: the rate must be at least 0 and below 1.");
}
