using Gradwright.Checking;
using Gradwright.Layers;

namespace Gradwright.Tests.Layers;

public static partial class LayerSamples
{
    private static void AddRecurrent()
    {
        Operand sequence = new([4, 3, 5]), batchFirst = new([3, 4, 5]), lengths = new([3]) { Type = DType.Int64, Values = [4, 0, 2] };
        Operand one = new([1, 3, 6]), two = new([4, 3, 3]), step = new([3, 5]), state = new([3, 6]);

        Once(dtype => new RNN(5, 6, dtype: dtype), (rnn, x) => Results(rnn.Forward(x[0], x[1])), sequence, one);
        Once(dtype => new RNN(5, 3, layers: 2, RnnActivation.Relu, bidirectional: true, batchFirst: true, bias: false, dtype: dtype), (rnn, x) => Results(rnn.Forward(x[0], null, x[1])), batchFirst, lengths);
        Once(dtype => new LSTM(5, 6, forgetBias: 1, dtype: dtype), (lstm, x) => Results(lstm.Forward(x[0], new(x[1], x[2]))), sequence, one, one);
        Once(dtype => new LSTM(5, 3, layers: 2, bidirectional: true, dropout: 0.3, dtype: dtype), (lstm, x) => Results(lstm.Forward(x[0], new(x[1], x[2]), x[3])), sequence, two, two, lengths);
        Once(dtype => new LSTM(5, 3, batchFirst: true, bias: false, dtype: dtype), (lstm, x) => Results(lstm.Forward(x[0])), batchFirst);
        Once(dtype => new GRU(5, 6, dtype: dtype), (gru, x) => Results(gru.Forward(x[0], x[1])), sequence, one);
        Once(dtype => new GRU(5, 3, layers: 2, bidirectional: true, dtype: dtype), (gru, x) => Results(gru.Forward(x[0], x[1], x[2])), sequence, two, lengths);
        Once(dtype => new RnnCell(5, 6, dtype: dtype), (cell, x) => [cell.Forward(x[0], x[1])], step, state);
        Once(dtype => new LstmCell(5, 6, dtype: dtype), (cell, x) => Parts(cell.Forward(x[0], new(x[1], x[2]))), step, state, state);
        Once(dtype => new GruCell(5, 6, bias: false, dtype: dtype), (cell, x) => [cell.Forward(x[0], x[1])], step, state);
    }

    private static void Once<TLayer>(Func<DType, TLayer> make, Func<TLayer, Tensor[], Tensor[]> run, params Operand[] operands) where TLayer : Module
        => _all.Add(Of(make, run, operands) with { TwiceDifferentiable = false });

    private static Tensor[] Results((Tensor Output, Tensor State) result) => [result.Output, result.State];
    private static Tensor[] Results((Tensor Output, LstmState State) result) => [result.Output, .. Parts(result.State)];
    private static Tensor[] Parts(LstmState state) => [state.Hidden, state.Cell];
}
