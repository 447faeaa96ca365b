using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Comparisons that allow no difference in any bit.</summary>
internal static class GpuBits
{
    /// <summary>The elements' bytes, row-major.</summary>
    public static unsafe byte[] Of(Tensor x)
    {
        byte[] bytes = new byte[x.Count * x.DType.Size];
        fixed (byte* p = bytes) x.Accelerator.GatherToHost(x.Buffer, x.Layout, x.DType.Size, p);
        return bytes;
    }

    /// <summary>The op gives the same bits on the GPU as on the CPU.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="op">The op, with one output.</param>
    /// <param name="x">Operands on the CPU.</param>
    public static void AssertSame(GpuAccelerator gpu, Op op, params Tensor[] x)
    {
        Tensor expected = op.Execute(x), actual = Execute(gpu, op, x);
        Assert.That((actual.Shape, actual.DType, actual.Accelerator), Is.EqualTo((expected.Shape, expected.DType, (Accelerator)gpu)), op.ToString());
        byte[] want = Of(expected), have = Of(actual);
        int at = want.AsSpan().CommonPrefixLength(have);
        if (at < want.Length) Assert.Fail($"{op} of {string.Join(", ", x.Select(t => t.Describe()))}: element {at / expected.DType.Size} differs.");
    }

    /// <summary>The op's output, computed on the GPU.</summary>
    public static Tensor Execute(GpuAccelerator gpu, Op op, params Tensor[] x)
    {
        Accelerator before = Accelerator.Default;
        try
        {
            if (x.Length == 0) Accelerator.Default = gpu;
            return op.Execute([.. x.Select(t => t.To(gpu))]);
        }
        finally
        {
            Accelerator.Default = before;
        }
    }
}
