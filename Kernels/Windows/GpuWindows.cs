using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>How windows slide over a plane, as <c>windows.cuh</c> declares it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct GpuWindows(in WindowPlane plane)
{
    public readonly long Height = plane.Height, Width = plane.Width, OutputHeight = plane.OutputHeight, OutputWidth = plane.OutputWidth;
    public readonly Axis Vertical = new(plane.Vertical), Horizontal = new(plane.Horizontal);

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct Axis(Window window)
    {
        public readonly long Size = window.Size, Stride = window.Stride, Padding = window.Padding, Dilation = window.Dilation;
    }
}
