namespace Gradwright;

/// <summary>A kernel that is compiled and loaded on one accelerator.</summary>
internal abstract class GpuKernel(KernelSpec spec)
{
    public KernelSpec Spec { get; } = spec;

    /// <summary>Hands the kernel to the stream and returns at once.</summary>
    public abstract void Enqueue(GpuStream stream, LaunchSize size, ref KernelArguments arguments);
}
