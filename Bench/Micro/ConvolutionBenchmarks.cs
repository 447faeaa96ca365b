using BenchmarkDotNet.Attributes;

namespace Gradwright.Bench;

/// <summary>3×3 convolutions of 16 images, forward and with both gradients.</summary>
public class ConvolutionBenchmarks
{
    private Tensor _x = null!, _weight = null!, _gradient = null!;

    /// <summary>Channels in and out; the images shrink as they do in a network.</summary>
    [Params(16, 64, 256)]
    public int Channels { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        int size = 1024 / Channels;
        _x = Operand.Leaf(16, Channels, Math.Min(size, 56), Math.Min(size, 56));
        _weight = Operand.Leaf(Channels, Channels, 3, 3);
        _gradient = Operand.Normal(_x.Shape, DType.Float32);
    }

    [Benchmark(Baseline = true)]
    public void Forward()
    {
        using Tensor y = _x.Convolution2D(_weight, padding: 1);
    }

    [Benchmark]
    public void ForwardAndBackward()
    {
        using (Tape tape = new()) tape.Backward(_x.Convolution2D(_weight, padding: 1), _gradient);
        _x.ZeroGrad();
        _weight.ZeroGrad();
    }
}
