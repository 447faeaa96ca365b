namespace Gradwright.Kernels;

/// <summary>Which pass of a reduction a loop runs: a constant to the compiler, so that no step has to ask.</summary>
internal interface IReducePass
{
    static abstract bool IsSecond { get; }
}

internal readonly struct FirstPass : IReducePass
{
    public static bool IsSecond => false;
}

internal readonly struct SecondPass : IReducePass
{
    public static bool IsSecond => true;
}
