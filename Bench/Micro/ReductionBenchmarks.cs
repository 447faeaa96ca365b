using BenchmarkDotNet.Attributes;

namespace Gradwright.Bench;

/// <summary>Reductions of a square matrix along either dimension.</summary>
public class ReductionBenchmarks
{
    private Tensor _x = null!;

    [Params(64, 1024, 4096)]
    public int Size { get; set; }

    [Params(0, 1)]
    public int Axis { get; set; }

    [GlobalSetup]
    public void Setup() => _x = Operand.Normal(Size, Size);

    [Benchmark(Baseline = true)]
    public void Sum()
    {
        using Tensor y = _x.Sum(Axis);
    }

    [Benchmark]
    public void Max()
    {
        using Tensor y = _x.Max(Axis);
    }

    [Benchmark]
    public void ArgMax()
    {
        using Tensor y = _x.ArgMax(Axis);
    }

    [Benchmark]
    public void Softmax()
    {
        using Tensor y = _x.Softmax(Axis);
    }
}
