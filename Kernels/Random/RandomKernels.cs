namespace Gradwright.Kernels;

/// <summary>What the GPU kernels of the random ops share: a run of elements, and a stream; a work item takes a block.</summary>
internal static class RandomKernels
{
    /// <summary>The result, its length and the stream: the first arguments of each.</summary>
    /// <param name="arguments">Receives them.</param>
    /// <param name="y">Row-major.</param>
    /// <param name="stream">The key and the counter of the first block, by <see cref="StepNumbers"/>.</param>
    /// <param name="x">An operand that comes between, of as many elements.</param>
    public static void Begin(ref KernelArguments arguments, Tensor y, Tensor stream, Tensor? x = null)
    {
        arguments.Out(y);
        if (x is not null) arguments.In(x);
        arguments.Value(y.Count);
        arguments.In(stream);
    }

    /// <summary>Groups for so many blocks.</summary>
    public static LaunchSize Size(GpuAccelerator gpu, long blocks) => LaunchSize.Covering(blocks, gpu.Tuning.MapGroup);
}
