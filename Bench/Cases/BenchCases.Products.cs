using Gradwright.Kernels;

namespace Gradwright.Bench;

internal static partial class BenchCases
{
    private static IEnumerable<BenchCase> Products()
    {
        foreach (int n in (int[])[64, 128, 256, 512, 1024, 2048])
            yield return new("A", $"gemm_f32_{n}", $"{n}x{n}x{n}, out=", () => Product(n, n, n));
        foreach ((int m, int k, int n) in ((int, int, int)[])[(64, 784, 256), (128, 1024, 10), (1, 1024, 1024)])
            yield return new("A", $"gemm_f32_{m}x{k}x{n}", "MxKxN, out=", () => Product(m, k, n));
        yield return new("A", "gemv_f32_1024", "mv", () => Product(1024, 1024, 1));
        yield return new("A", "gemm_f64_512", "", () => Product(512, 512, 512, DType.Float64));
        yield return new("A", "gemm_f32_512_AtB", "", () => Product(512, 512, 512, transposeA: true));
        yield return new("A", "gemm_f32_512_ABt", "", () => Product(512, 512, 512, transposeB: true));
        yield return new("A", "bmm_f32_64x128x64x128", "batch64 128x64x128", () =>
        {
            Tensor a = Operand.Normal(64, 128, 64), b = Operand.Normal(64, 64, 128), y = Tensor.Empty([64, 128, 128]);
            return new(() => MatMul.Instance.ExecuteInto(y, a, b), 2.0 * 64 * 128 * 64 * 128);
        });
    }

    private static Workload Product(long m, long k, long n, DType dtype = DType.Float32, bool transposeA = false, bool transposeB = false)
    {
        Tensor a = transposeA ? Operand.Normal([k, m], dtype).Transpose() : Operand.Normal([m, k], dtype);
        Tensor b = transposeB ? Operand.Normal([n, k], dtype).Transpose() : Operand.Normal([k, n], dtype);
        Tensor y = Tensor.Empty([m, n], dtype);
        return new(() => MatMul.Instance.ExecuteInto(y, a, b), 2.0 * m * k * n);
    }
}
