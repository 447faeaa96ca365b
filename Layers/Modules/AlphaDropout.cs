namespace Gradwright.Layers;

/// <summary>
/// Dropout for SELU networks (Klambauer et al. 2017): what is dropped takes SELU's limit at −∞ instead of 0, and an affine map then brings mean and variance
/// back, which stay 0 and 1. Evaluation does nothing.
/// </summary>
/// <param name="rate">Probability of being dropped, 0 ≤ rate &lt; 1.</param>
public sealed class AlphaDropout(double rate = 0.1) : Module<Tensor, Tensor>
{
    private const double Limit = -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717;

    private readonly double _rate = DropRate.Check(nameof(AlphaDropout), rate);

    private Generator _generator = new();

    protected override Tensor ForwardCore(Tensor x)
    {
        if (!IsTraining || _rate == 0) return x;
        // d (x − limit) + limit is x where it is kept, else the limit; a and b undo what that does to mean and variance.
        double a = 1 / Math.Sqrt((1 - _rate) * (1 + _rate * Limit * Limit)), b = -a * _rate * Limit;
        return (x - Limit).Dropout(_rate, _generator, scaled: false) * a + (a * Limit + b);
    }

    protected override void Reset(Generator generator) => _generator = generator;
    public override string ToString() => $"AlphaDropout({_rate})";
}
