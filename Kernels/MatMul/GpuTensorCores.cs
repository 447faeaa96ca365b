using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// Matrix products on CUDA's tensor cores: both operands are rounded to TF32 or BF16 and laid out along K (<c>gemm_pack.cu</c>), then multiplied with sums in
/// single precision (<c>gemm_mma.cuh</c>).
/// </summary>
internal static class GpuTensorCores
{
    /// <summary>Rows and columns of C per group.</summary>
    public const int Tile = 128;

    /// <summary>Products of fewer rows, columns or terms are not worth the packing.</summary>
    public const int Least = 32;

    private const int Group = 256, Capability = 80, Stages = 3, StageBytes = 32 << 10, VectorBytes = 16, RowBytes = 128;
    private const int PackGroup = 256, PackBlock = 32;

    private static readonly KernelTable<MatMulPrecision> _products = new(static precision => new(
        GpuSource.File(precision == MatMulPrecision.BFloat16 ? "gemm_bf16.sm80.cu" : "gemm_tf32.sm80.cu"), "gemm_mma", Group,
        [("REAL", "float"), ("STAGES", $"{Stages}")])
    {
        Functions = Formula.OfUnary<Relu>("real_relu", DType.Float32), Capability = Capability, SharedBytes = Stages * StageBytes,
    });

    private static readonly KernelTable<(MatMulPrecision Precision, bool Along)> _packs = new(static key => new(GpuSource.File("gemm_pack.cu"), "gemm_pack", PackGroup,
        [("BF16", key.Precision == MatMulPrecision.BFloat16 ? "1" : "0"), ("ALONG", key.Along ? "1" : "0")]));

    /// <summary>Whether operands may be rounded, and the device has the units for it.</summary>
    public static bool AreAllowed(GpuAccelerator gpu, DType dtype)
        => MatMulPrecisions.Current != MatMulPrecision.Float32 && gpu.Traits.Capability >= Capability && dtype == DType.Float32;

    /// <summary>Whether the product may and can be rounded.</summary>
    public static bool Fit(GpuAccelerator gpu, in GpuGemmArguments p) => AreAllowed(gpu, p.DType) && Math.Min(Math.Min(p.M, p.N), p.K) >= Least;

    /// <summary>The kernel of a precision.</summary>
    public static KernelSpec Kernel(MatMulPrecision precision) => _products[precision];

    /// <summary>Elements of K that a step takes: the depth of a part is a multiple.</summary>
    public static int StepDepth(MatMulPrecision precision) => RowBytes / ElementBytes(precision);

    /// <summary>Rounds and lays out both operands: <paramref name="p"/> then describes the packed ones, which the tensors own.</summary>
    public static (Tensor A, Tensor B) Pack(GpuAccelerator gpu, MatMulPrecision precision, ref GpuGemmArguments p)
    {
        Tensor a = Pack(gpu, precision, p.A, p.OffsetA, p.M, p.K, p.RowA, p.ColA, ref p.StepA, p.Batch, ref p.OuterA, p.Outer);
        try
        {
            Tensor b = Pack(gpu, precision, p.B, p.OffsetB, p.N, p.K, p.ColB, p.RowB, ref p.StepB, p.Batch, ref p.OuterB, p.Outer);
            (p.A, p.OffsetA, p.RowA, p.ColA) = (a.Buffer, a.Layout.Offset, a.Shape[^1], 1);
            (p.B, p.OffsetB, p.ColB, p.RowB) = (b.Buffer, b.Layout.Offset, b.Shape[^1], 1);
            return (a, b);
        }
        catch
        {
            a.Dispose();
            throw;
        }
    }

    /// <summary>[rows, K] → [matrices, rows, K in whole vectors]; a repeated operand is packed once.</summary>
    private static Tensor Pack(GpuAccelerator gpu, MatMulPrecision precision, MemoryBuffer x, long offset, long rows, long k, long row, long alongK,
        ref long step, long batch, ref long outerStep, long outer)
    {
        int vector = VectorBytes / ElementBytes(precision);
        Operand operand = new()
        {
            Rows = rows, Depth = k, Pitch = (k + vector - 1) / vector * vector,
            Batch = step == 0 ? 1 : batch, Outer = outerStep == 0 ? 1 : outer,
            Row = row, AlongK = alongK, Step = step, StepOuter = outerStep,
        };
        Tensor packed = Tensor.Empty(Shape.Create(operand.Batch * operand.Outer, rows, operand.Pitch), precision == MatMulPrecision.BFloat16 ? DType.BFloat16 : DType.Int32, gpu);
        if (step != 0) step = rows * operand.Pitch;
        if (outerStep != 0) outerStep = operand.Batch * rows * operand.Pitch;

        KernelArguments arguments = new();
        arguments.Out(packed);
        arguments.Add(x, offset, written: false);
        arguments.Value(operand);
        long groups = Blocks(operand.Pitch) * Blocks(rows) * operand.Batch * operand.Outer;
        gpu.Launch(_packs[(precision, Math.Abs(alongK) <= Math.Abs(row))], new(groups), ref arguments);
        return packed;

        static long Blocks(long length) => (length + PackBlock - 1) / PackBlock;
    }

    private static int ElementBytes(MatMulPrecision precision) => precision == MatMulPrecision.BFloat16 ? 2 : 4;

    [StructLayout(LayoutKind.Sequential)]
    private struct Operand
    {
        public long Rows, Depth, Pitch, Batch, Outer;
        public long Row, AlongK, Step, StepOuter;
    }
}
