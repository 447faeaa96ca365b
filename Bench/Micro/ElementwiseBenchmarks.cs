using BenchmarkDotNet.Attributes;
using Gradwright.Kernels;

namespace Gradwright.Bench;

/// <summary>Maps into an existing tensor: 10³ elements show the cost of a call, 10⁵ the arithmetic, 10⁷ the memory.</summary>
public class ElementwiseBenchmarks
{
    private Tensor _x = null!, _row = null!, _y = null!;

    [Params(1_000, 100_000, 10_000_000)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Setup() => (_x, _row, _y) = (Operand.Normal(Count / 100, 100), Operand.Normal(100), Tensor.Empty([Count / 100, 100]));

    [Benchmark(Baseline = true)]
    public void Relu() => Unary<Relu>.Instance.ExecuteInto(_y, _x);

    [Benchmark]
    public void Exp() => Unary<Exp>.Instance.ExecuteInto(_y, _x);

    [Benchmark]
    public void Tanh() => Unary<Kernels.Tanh>.Instance.ExecuteInto(_y, _x);

    [Benchmark]
    public void AddTensor() => Binary<Add>.Instance.ExecuteInto(_y, _x, _x);

    [Benchmark]
    public void AddRow() => Binary<Add>.Instance.ExecuteInto(_y, _x, _row);
}
