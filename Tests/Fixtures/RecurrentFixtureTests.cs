using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class RecurrentFixtureTests
{
    private const int Inputs = 3, Hidden = 4;

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["recurrent", "RNN,"])]
    public void Simple_layers_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(
            dtype => new RNN(Inputs, Hidden, fixture.Integer("layers"), Activation(fixture), fixture.Flag("bidirectional"), fixture.Flag("batchFirst"), fixture.Flag("bias"), dtype: dtype),
            (rnn, x) => Flat(rnn.Forward(x[0], x.ElementAtOrDefault(1), Lengths(fixture))));

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["recurrent", "LSTM,"])]
    public void Long_short_term_memories_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(
            dtype => new LSTM(Inputs, Hidden, fixture.Integer("layers"), fixture.Flag("bidirectional"), fixture.Flag("batchFirst"), fixture.Flag("bias"), dtype: dtype),
            (lstm, x) =>
            {
                (Tensor output, LstmState last) = lstm.Forward(x[0], x.Length == 1 ? null : new(x[1], x[2]), Lengths(fixture));
                return [output, last.Hidden, last.Cell];
            });

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["recurrent", "GRU,"])]
    public void Gated_units_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(
            dtype => new GRU(Inputs, Hidden, fixture.Integer("layers"), fixture.Flag("bidirectional"), fixture.Flag("batchFirst"), fixture.Flag("bias"), dtype: dtype),
            (gru, x) => Flat(gru.Forward(x[0], x.ElementAtOrDefault(1), Lengths(fixture))));

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["recurrent", "RNNCell"])]
    public void Simple_cells_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(dtype => new RnnCell(Inputs, Hidden, Activation(fixture), fixture.Flag("bias"), dtype), (cell, x) => [cell.Forward(x[0], x[1])]);

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["recurrent", "LSTMCell"])]
    public void Memory_cells_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(dtype => new LstmCell(Inputs, Hidden, fixture.Flag("bias"), dtype: dtype), (cell, x) =>
        {
            LstmState next = cell.Forward(x[0], new(x[1], x[2]));
            return [next.Hidden, next.Cell];
        });

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["recurrent", "GRUCell"])]
    public void Gated_cells_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(dtype => new GruCell(Inputs, Hidden, fixture.Flag("bias"), dtype), (cell, x) => [cell.Forward(x[0], x[1])]);

    private static RnnActivation Activation(Fixture fixture) => fixture.Flag("relu") ? RnnActivation.Relu : RnnActivation.Tanh;
    private static Tensor? Lengths(Fixture fixture) => fixture.Knows("lengths") ? Tensor.From(Array.ConvertAll(fixture.Integers("lengths"), n => (long)n)) : null;
    private static Tensor[] Flat((Tensor Output, Tensor State) result) => [result.Output, result.State];
}
