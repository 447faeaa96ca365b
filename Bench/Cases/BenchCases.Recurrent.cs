using Gradwright.Layers;

namespace Gradwright.Bench;

internal static partial class BenchCases
{
    private static IEnumerable<BenchCase> Recurrent() =>
    [
        .. Recurrent("lstm", 4, () => new LSTM(128, 256, layers: 2)),
        .. Recurrent("gru", 3, () => new GRU(128, 256, layers: 2)),
        .. Recurrent("rnn_tanh", 1, () => new RNN(128, 256, layers: 2)),
    ];

    private static IEnumerable<BenchCase> Recurrent<TState>(string name, int gates, Func<RecurrentLayer<TState>> make) where TState : class
    {
        const int Length = 64, Batch = 32, Inputs = 128, Hidden = 256;
        double flops = 2.0 * Length * Batch * gates * Hidden * (Inputs + Hidden + Hidden + Hidden);
        yield return new("D", $"{name}_f", "seq64 b32 in128 h256 x2", () =>
        {
            RecurrentLayer<TState> layer = make();
            Tensor x = Operand.Normal(Length, Batch, Inputs);
            return new(Fresh(() => layer.Forward(x).Output), flops);
        });
        yield return new("D", $"{name}_fb", "seq64 b32 in128 h256 x2, dx+dW", () =>
        {
            RecurrentLayer<TState> layer = make();
            Tensor x = Operand.Leaf(Length, Batch, Inputs), g = Operand.Normal(Length, Batch, Hidden);
            return new(ForwardAndBackward(() => layer.Forward(x).Output, g, [x, .. layer.Parameters()]), 3 * flops);
        });
    }
}
