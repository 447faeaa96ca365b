using BenchmarkDotNet.Attributes;

namespace Gradwright.Bench;

/// <summary>What surrounds the arithmetic: one addition of four numbers in a scope, unrecorded, recorded, and differentiated.</summary>
[MemoryDiagnoser]
public class TapeBenchmarks
{
    private readonly Tensor _constant = Operand.Normal(4), _parameter = Operand.Leaf(4), _gradient = Operand.Normal(4);

    [Benchmark(Baseline = true)]
    public void Unrecorded()
    {
        using TensorScope scope = new();
        _ = _constant + _constant;
    }

    [Benchmark]
    public void EmptyTape()
    {
        using Tape tape = new();
    }

    [Benchmark]
    public void Recorded()
    {
        using Tape tape = new();
        _ = _parameter + _constant;
    }

    [Benchmark]
    public void Differentiated()
    {
        using (Tape tape = new()) tape.Backward(_parameter + _constant, _gradient);
        _parameter.ZeroGrad();
    }
}
