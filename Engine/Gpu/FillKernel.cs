namespace Gradwright;

/// <summary>Sets elements of 8 bytes to any pattern.</summary>
internal static class FillKernel
{
    private const int Group = 256;

    private static readonly KernelSpec _spec = new(new(typeof(FillKernel).Assembly, "fill.cu"), "fill_u64", Group);

    /// <param name="gpu">Where.</param>
    /// <param name="buffer">What is filled.</param>
    /// <param name="offset">The first element, in elements.</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="pattern">The bits of each.</param>
    public static void Run(GpuAccelerator gpu, MemoryBuffer buffer, long offset, long count, ulong pattern)
    {
        KernelArguments arguments = new();
        arguments.Add(buffer, offset, written: true);
        arguments.Value(pattern);
        arguments.Value(count);
        gpu.Launch(_spec, LaunchSize.Covering(count, Group), ref arguments);
    }
}
