namespace Gradwright;

/// <summary>What of CUDA is here, and what could be done about what is not.</summary>
internal static class CudaSurvey
{
    /// <summary>The N-th device.</summary>
    /// <exception cref="AcceleratorException">There is no such device; the message says why.</exception>
    public static GpuAccelerator Open(int index)
        => throw new AcceleratorException($"There is no accelerator 'cuda:{index}' here: no NVIDIA driver was found. Use cpu or opencl:0.");
}
