using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>The dimensions and strides of an elementwise loop, as <c>walk.cuh</c> declares them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Walk
{
    public long Count, Rank;
    public fixed long Length[Shape.MaxRank];
    public fixed long Stride[Shape.MaxRank * StridedLoop.MaxOperands];
}
