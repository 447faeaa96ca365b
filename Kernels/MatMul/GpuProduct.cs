using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>Sizes, strides and finish of a matrix product, as <c>gemm.cuh</c> declares them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpuProduct
{
    public long M, N, K, Batch, Outer;
    public long RowA, ColA, StepA, OuterA;
    public long RowB, ColB, StepB, OuterB;
    public long RowC, ColC, StepC, OuterC;
    public long Parts, Depth, StepPart;
    public long Biased, RowBias, ColBias;
    public long Accumulate, Relu;
    public long Vectors;
}
