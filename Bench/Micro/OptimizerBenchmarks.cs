using BenchmarkDotNet.Attributes;
using Gradwright.Optim;

namespace Gradwright.Bench;

/// <summary>One update: many small tensors show the cost of a call, one large tensor the memory's.</summary>
public class OptimizerBenchmarks
{
    private Action _sgd = null!, _adam = null!;

    [Params(1, 64)]
    public int Tensors { get; set; }

    [Params(256, 1 << 20)]
    public int Numbers { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Tensor[] parameters = [.. Enumerable.Range(0, Tensors).Select(_ => Operand.Leaf(Math.Max(1, Numbers / Tensors)))];
        foreach (Tensor parameter in parameters) parameter.Grad = Operand.Normal(parameter.Shape, DType.Float32);
        _sgd = new Sgd(parameters, 1e-6, momentum: 0.9).Step;
        _adam = new Adam(parameters, 1e-6).Step;
    }

    [Benchmark(Baseline = true)]
    public void Sgd() => _sgd();

    [Benchmark]
    public void Adam() => _adam();
}
