namespace Gradwright.Bench;

/// <summary>One case of the comparison, under the peer's name.</summary>
/// <param name="Group">A products, B elementwise and reductions, C convolution, D recurrent, E optimizers, F training steps, G inference.</param>
/// <param name="Name">The peer's name of the case.</param>
/// <param name="Parameters">Sizes and how the call is made.</param>
/// <param name="Prepare">Makes operands, in a scope that is open while the case runs, and what is timed.</param>
/// <param name="Bytes">Bytes that one call must move at least; 0 where operations count.</param>
internal sealed record BenchCase(string Group, string Name, string Parameters, Func<Workload> Prepare, double Bytes = 0)
{
    /// <summary>Which of the engine's ways it measures: the peers' tables have a column for each.</summary>
    public string Profile { get; init; } = "gradwright";
}

/// <summary>What is timed.</summary>
/// <param name="Run">One call.</param>
/// <param name="Flops">Floating-point operations of one call; 0 where bytes count.</param>
internal sealed record Workload(Action Run, double Flops = 0)
{
    public static implicit operator Workload(Action run) => new(run);
}
