namespace Gradwright.Kernels;

/// <summary>How far a tensor may move, from its own norm and that of its gradient or step: η‖x‖ / (‖g‖ + λ‖x‖ + ε), 1 where either norm is 0.</summary>
/// <param name="Trust">η.</param>
/// <param name="Decay">λ.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Largest">The ratio is not larger than this.</param>
public readonly record struct TrustRatio(double Trust = 1, double Decay = 0, double Epsilon = 0, double Largest = double.PositiveInfinity)
{
    /// <summary>The ratio for these norms.</summary>
    public double Of(double x, double g) => x > 0 && g > 0 ? Math.Min(Trust * x / (g + Decay * x + Epsilon), Largest) : 1;
}
