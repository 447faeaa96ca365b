using BenchmarkDotNet.Attributes;
using Gradwright.Kernels;

namespace Gradwright.Bench;

/// <summary>Square products [n, n] × [n, n], and what a transposed operand costs.</summary>
public class MatMulBenchmarks
{
    private Tensor _a = null!, _b = null!, _transposed = null!, _y = null!;

    [Params(16, 64, 256, 1024)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        (_a, _b, _y) = (Operand.Normal(Size, Size), Operand.Normal(Size, Size), Tensor.Empty([Size, Size]));
        _transposed = _b.Transpose();
    }

    [Benchmark(Baseline = true)]
    public void Plain() => MatMul.Instance.ExecuteInto(_y, _a, _b);

    [Benchmark]
    public void Transposed() => MatMul.Instance.ExecuteInto(_y, _a, _transposed);
}
