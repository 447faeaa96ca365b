namespace Gradwright.Tests.Interchange;

/// <summary>For tests that count live bytes exactly.</summary>
internal static class SettledPool
{
    /// <summary>Takes back what earlier tests dropped without disposing: otherwise it would return to the pool in the middle of a measurement.</summary>
    public static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        CpuAccelerator.Instance.Pool.Trim();
    }
}
