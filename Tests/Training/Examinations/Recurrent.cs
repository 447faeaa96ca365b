using Gradwright.Layers;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>A recurrent layer's outputs.</summary>
internal sealed class Recurrent(Module layer) : Module<Tensor, Tensor>
{
    private readonly Module _layer = layer;

    protected override Tensor ForwardCore(Tensor x) => _layer switch
    {
        GRU gru => gru.Forward(x, null).Output,
        RNN rnn => rnn.Forward(x, null).Output,
        _ => ((LSTM)_layer).Forward(x, null).Output,
    };
}
