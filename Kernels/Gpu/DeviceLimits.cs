namespace Gradwright.Kernels;

/// <summary>What a device can do at most, as measured: bytes copied (read and written) and single-precision operations per second.</summary>
/// <param name="Bandwidth">Bytes per second.</param>
/// <param name="Arithmetic">Floating-point operations per second; a multiply-add is two.</param>
internal readonly record struct DeviceLimits(double Bandwidth, double Arithmetic)
{
    private const int Group = 64, Groups = 2048, Chains = 8, Steps = 1000, OpenClLanes = 16;

    private static readonly KernelSpec _probe = new(GpuSource.File("fma_probe.cu"), "fma_probe", Group, ("REAL", "float"));

    /// <summary>Measures for about half a second.</summary>
    public static DeviceLimits Measure(GpuAccelerator gpu)
    {
        using TensorScope scope = new();
        long elements = Math.Clamp(gpu.Traits.Memory / 32 / sizeof(float), 1 << 20, 64 << 20);
        Tensor x = Tensor.Zeros([elements], accelerator: gpu), y = Tensor.Empty([elements], accelerator: gpu), sums = Tensor.Empty([Groups * Group], accelerator: gpu);
        Copy copy = new();
        double copied = AsyncTimer.Fastest(gpu, 0.3, () => copy.ExecuteInto(y, x));
        double computed = AsyncTimer.Fastest(gpu, 0.3, () =>
        {
            KernelArguments arguments = new();
            arguments.Out(sums);
            arguments.Value(Steps);
            arguments.Value(0.5f);
            arguments.Value(0.25f);
            gpu.Launch(_probe, new(Groups), ref arguments);
        });
        int lanes = gpu.Traits.Api == "OpenCL" ? OpenClLanes : 1;
        return new(2.0 * sizeof(float) * elements / copied, 2.0 * Chains * lanes * Steps * Groups * Group / computed);
    }

    /// <summary>The least seconds that so many bytes and operations take.</summary>
    public double Floor(double bytes, double flops) => Math.Max(bytes / Bandwidth, flops / Arithmetic);
}
