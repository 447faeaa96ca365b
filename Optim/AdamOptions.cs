using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>What <see cref="Adam"/> and its relatives share.</summary>
internal static class AdamOptions
{
    /// <summary>PyTorch's names of the mean of the gradients, of their squares, and of the largest of these.</summary>
    private static readonly string[] _names = ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"];

    public static ReadOnlySpan<string> StateNames(bool amsGrad = false) => _names.AsSpan(0, amsGrad ? 3 : 2);

    public static AdamRule Check(string owner, double beta1, double beta2, double epsilon) => new(
        Rate: 0,
        Beta(beta1, owner, nameof(beta1), 0.9),
        Beta(beta2, owner, nameof(beta2), 0.999),
        Epsilon(epsilon, owner, 1e-8));

    public static double Beta(double value, string owner, string name, double usual) => Require.Fraction(value, owner, name, $"The usual value is {usual}.");

    public static double Epsilon(double value, string owner, double usual) => Require.Positive(value, owner, "epsilon", $"The usual value is {usual}.");

    /// <summary>The options of a rule as constructor arguments.</summary>
    public static string Text(AdamRule rule, double weightDecay) => $"beta1: {rule.Beta1}, beta2: {rule.Beta2}, epsilon: {rule.Epsilon}, weightDecay: {weightDecay}"
        + $"{(rule.AmsGrad ? ", amsGrad: true" : "")}{(rule.BiasCorrection ? "" : ", biasCorrection: false")}";
}
