using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>How results are compared.</summary>
internal static class Values
{
    /// <summary>max|a−b| ≤ tolerance · max|b|; infinities and NaN in the same places.</summary>
    public static void AssertClose(double[] actual, double[] expected, double tolerance, string what)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), what);
        double largest = expected.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        for (int i = 0; i < actual.Length; i++)
        {
            if (!double.IsFinite(expected[i])) Assert.That(actual[i], Is.EqualTo(expected[i]), $"{what}, element {i}");
            else if (!(Math.Abs(actual[i] - expected[i]) <= tolerance * largest)) Assert.Fail($"{what}, element {i}: {actual[i]:R} instead of {expected[i]:R} (largest {largest:G3}).");
        }
    }
}
