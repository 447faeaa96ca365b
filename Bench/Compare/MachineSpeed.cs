using Gradwright.Kernels;

namespace Gradwright.Bench;

/// <summary>What the machine can do at this moment, on the pool's threads or on the GPU that the cases run on: a shared one changes within seconds.</summary>
/// <param name="Gflops">Fused multiply-adds on registers, Float32, GFLOP/s.</param>
/// <param name="GBs">Reading memory that no cache holds (a GPU: copying it, both ways counted), GB/s.</param>
/// <param name="Handover">Nanoseconds from one thread to another and back (<see cref="HandoverProbe"/>); 0 with one thread, and on a GPU.</param>
internal readonly record struct MachineSpeed(double Gflops, double GBs, double Handover = 0)
{
    public static MachineSpeed Probe()
    {
        if (Accelerator.Default is not GpuAccelerator gpu) return new(FmaProbe.Gflops(), ReadProbe.GBs(), HandoverProbe.Nanoseconds());
        DeviceLimits limits = DeviceLimits.Measure(gpu);
        return new(limits.Arithmetic / 1e9, limits.Bandwidth / 1e9);
    }

    /// <summary>The larger of the two relative changes since <paramref name="before"/>.</summary>
    public double ChangeSince(MachineSpeed before) => Math.Max(Change(before.Gflops, Gflops), Change(before.GBs, GBs));

    /// <summary>The relative difference of two speeds.</summary>
    public static double Change(double a, double b) => a == b ? 0 : Math.Abs(a - b) / Math.Max(a, b);
}
