namespace Gradwright.Bench;

/// <summary>All cases, in the peer's order; one partial file per group. Names, sizes and parameters are those of the peers' torch_bench.py.</summary>
internal static partial class BenchCases
{
    public static IEnumerable<BenchCase> All()
        => [.. Products(), .. Elementwise(), .. Convolutions(), .. Recurrent(), .. Optimizers(), .. TrainingSteps(), .. Inference()];

    /// <summary>Forward and backward from a given gradient, for the leaves' gradients.</summary>
    private static Action ForwardAndBackward(Func<Tensor> forward, Tensor? gradient, params Tensor[] leaves) => () =>
    {
        using (Tape tape = new()) tape.Backward(forward(), gradient);
        foreach (Tensor leaf in leaves) leaf.ZeroGrad();
    };

    /// <summary>A computation whose result is dropped at once.</summary>
    private static Action Fresh(Func<Tensor> compute) => () =>
    {
        using TensorScope scope = new();
        compute();
    };
}
