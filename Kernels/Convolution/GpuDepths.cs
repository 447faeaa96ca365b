using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>How windows slide from plane to plane, as <c>volumes.cuh</c> declares it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct GpuDepths(in ConvolutionShape p)
{
    public readonly long Depth = p.InputDepth, OutputDepth = p.OutputDepth;
    public readonly GpuWindows.Axis Window = new(p.Depth);

    /// <summary>The definition that the kernels are compiled with.</summary>
    public static (string Name, string Value) Definition(bool volume) => ("VOLUME", volume ? "1" : "0");
}
