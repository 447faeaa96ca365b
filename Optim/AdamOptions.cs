using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>What <see cref="Adam"/> and <see cref="AdamW"/> share.</summary>
internal static class AdamOptions
{
    /// <summary>PyTorch's names of the mean of the gradients and of their squares.</summary>
    public static readonly string[] StateNames = ["exp_avg", "exp_avg_sq"];

    public static AdamRule Check(string owner, double beta1, double beta2, double epsilon) => new(
        Rate: 0,
        Require.Fraction(beta1, owner, nameof(beta1), "The usual value is 0.9."),
        Require.Fraction(beta2, owner, nameof(beta2), "The usual value is 0.999."),
        Require.Positive(epsilon, owner, nameof(epsilon), "The usual value is 1e-8."));
}
