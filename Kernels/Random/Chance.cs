namespace Gradwright.Kernels;

/// <summary>Events with a probability, decided by 32 random bits.</summary>
internal static class Chance
{
    /// <summary>A word below this happens with probability p; 2³² is always.</summary>
    public static ulong Threshold(double p) => (ulong)Math.Round(p * 4294967296.0);
}
