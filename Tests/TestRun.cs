using NUnit.Framework;

[assembly: Gradwright.Tests.NoTensorLeaks]

namespace Gradwright.Tests;

/// <summary>What a whole run counts and says at its end.</summary>
[SetUpFixture]
public sealed class TestRun
{
    private static readonly HashSet<Type> _ops = [];
    private static int _samples, _gradientChecks;

    /// <summary>A sample's values were compared.</summary>
    internal static void CountSample(Type op)
    {
        _samples++;
        _ops.Add(op);
    }

    /// <summary>Gradients were compared with finite differences.</summary>
    internal static void CountGradientCheck() => _gradientChecks++;

    [OneTimeTearDown]
    public void Summarize()
    {
        if (_samples + _gradientChecks == 0) return;
        // Straight to the process's output: what goes through Console is attributed to a test and may not be shown.
        using StreamWriter output = new(Console.OpenStandardOutput());
        output.WriteLine($"Ops: {_ops.Count} with {_samples} samples; gradient checks: {_gradientChecks}");
    }
}
