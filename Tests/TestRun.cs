using NUnit.Framework;

[assembly: Gradwright.Tests.NoTensorLeaks]

namespace Gradwright.Tests;

/// <summary>What a whole run counts and says at its end.</summary>
[SetUpFixture]
public sealed class TestRun
{
    private static readonly HashSet<Type> _ops = [];
    private static readonly Dictionary<GpuAccelerator, (int Samples, HashSet<Type> Ops)> _gpus = [];
    private static int _samples, _gradientChecks;

    private static readonly Dictionary<object, object> _results = [];

    /// <summary>The result of a check that several tests read: it runs once.</summary>
    internal static TResult Once<TResult>(object key, Func<TResult> check) where TResult : notnull
        => (TResult)(_results.TryGetValue(key, out object? known) ? known : _results[key] = check());

    /// <summary>A sample's values were compared.</summary>
    internal static void CountSample(Type op)
    {
        _samples++;
        _ops.Add(op);
    }

    /// <summary>Gradients were compared with finite differences.</summary>
    internal static void CountGradientCheck() => _gradientChecks++;

    /// <summary>A sample ran on a GPU, and its values were compared with the processor's.</summary>
    internal static void CountGpuSample(GpuAccelerator gpu, Type op)
    {
        if (!_gpus.TryGetValue(gpu, out (int Samples, HashSet<Type> Ops) counted)) counted = (0, []);
        counted.Ops.Add(op);
        _gpus[gpu] = (counted.Samples + 1, counted.Ops);
    }

    [OneTimeTearDown]
    public void Summarize()
    {
        if (_samples + _gradientChecks + _gpus.Count == 0) return;
        // Straight to the process's output: what goes through Console is attributed to a test and may not be shown.
        using StreamWriter output = new(Console.OpenStandardOutput());
        output.WriteLine($"Ops: {_ops.Count} with {_samples} samples; gradient checks: {_gradientChecks}");
        foreach ((GpuAccelerator gpu, (int samples, HashSet<Type> ops)) in _gpus)
            output.WriteLine($"{gpu.Name}, {gpu.Description}: {ops.Count} ops with {samples} samples agree with the CPU; {gpu.Launches} kernels launched");
    }
}
