namespace Gradwright.Kernels;

/// <summary>The momentum of NAdam, which grows from half of β₁ to β₁, and its products. One thread at a time.</summary>
/// <param name="beta1">β₁.</param>
/// <param name="decay">ψ: how fast it grows.</param>
public sealed class NAdamMomentum(double beta1, double decay)
{
    private readonly List<double> _products = [1];      // until one is 0, as all that follow are

    /// <summary>β₁.</summary>
    public double Beta1 => beta1;

    /// <summary>ψ.</summary>
    public double Decay => decay;

    /// <summary>μₜ = β₁(1 − ½ · 0.96^(ψt)).</summary>
    public double At(long step) => beta1 * (1 - 0.5 * Math.Pow(0.96, step * decay));

    /// <summary>μ₁ ⋯ μₜ.</summary>
    public double Product(long step)
    {
        while (_products.Count <= step && _products[^1] != 0) _products.Add(_products[^1] * At(_products.Count));
        return step < _products.Count ? _products[(int)step] : 0;
    }
}
