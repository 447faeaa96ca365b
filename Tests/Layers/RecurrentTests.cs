using Gradwright.Checking;
using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>What recurrent layers promise beyond the samples' checks and the fixtures.</summary>
[InTensorScope]
public sealed class RecurrentTests
{
    private static Tensor Normal(Shape shape, ulong seed = 1) => Tensor.Normal(shape, new Generator(seed), dtype: DType.Float64);

    [Test]
    public void A_parameter_that_is_passed_in_with_a_state_is_trained_by_the_caller()
    {
        using LSTM layer = new(3, 4);
        using Tensor x = Tensor.Parameter(Tensor.Normal([5, 2, 3], new Generator(1)));
        using Tape tape = new();
        tape.Backward(layer.Forward(x).Output.Sum());
        Assert.That(x.Grad, Is.Not.Null);
    }

    [Test]
    public void Sequences_of_their_own_lengths_are_what_each_gives_alone([Values] bool bidirectional)
    {
        using LSTM lstm = new(3, 4, layers: 2, bidirectional: bidirectional, dtype: DType.Float64);
        int count = 2 * lstm.Directions;
        long[] lengths = [5, 2, 0, 3];
        Tensor x = Normal([5, 4, 3]), h = Normal([count, 4, 4], 2), c = Normal([count, 4, 4], 3);
        (Tensor output, LstmState last) = lstm.Forward(x, new(h, c), Tensor.From(lengths));
        for (int row = 0; row < lengths.Length; row++)
        {
            LstmState first = new(h.Slice(1, row, 1), c.Slice(1, row, 1)), end = first;
            Tensor own = output.Slice(1, row, 1);
            if (lengths[row] > 0)
            {
                (Tensor alone, end) = lstm.Forward(x.Slice(1, row, 1).Slice(0, 0, lengths[row]), first);
                AssertClose(own.Slice(0, 0, lengths[row]), alone, $"row {row}");
            }

            AssertClose(last.Hidden.Slice(1, row, 1), end.Hidden, $"row {row}, last state");
            AssertClose(last.Cell.Slice(1, row, 1), end.Cell, $"row {row}, last cell state");
            Assert.That(HostValues.Of(own.Slice(0, lengths[row], 5 - lengths[row])), Has.All.Zero, $"row {row}: behind its end");
        }
    }

    [Test]
    public void Gradients_of_sequences_of_their_own_lengths_add_up_from_each_alone([Values] bool bidirectional)
    {
        using GRU gru = new(3, 4, bidirectional: bidirectional, dtype: DType.Float64);
        long[] lengths = [5, 2, 3];
        Tensor x = Normal([5, 3, 3]), weights = Normal([5, 3, 4 * gru.Directions], 2);
        Tensor[] parameters = [.. gru.Parameters()], together;
        using (Tape tape = new()) together = Kept(tape.Gradients((gru.Forward(x, lengths: Tensor.From(lengths)).Output * weights).Sum(), parameters));
        Tensor[]? sum = null;
        for (int row = 0; row < lengths.Length; row++)
        {
            using Tape tape = new();
            Tensor own = x.Slice(1, row, 1).Slice(0, 0, lengths[row]);
            Tensor[] alone = Kept(tape.Gradients((gru.Forward(own).Output * weights.Slice(1, row, 1).Slice(0, 0, lengths[row])).Sum(), parameters));
            using Tape.Pause pause = Tape.NoRecord();
            sum = sum is null ? alone : Kept([.. sum.Zip(alone, (a, b) => a + b)]);
        }

        for (int i = 0; i < parameters.Length; i++) AssertClose(together[i], sum![i], parameters[i].Name!);
    }

    [Test]
    public void What_stands_behind_the_end_of_a_sequence_does_not_matter()
    {
        using LSTM lstm = new(3, 4, layers: 2, bidirectional: true, dtype: DType.Float64);
        Tensor x = Normal([4, 2, 3]), lengths = Tensor.From(4L, 2L), y = lstm.Forward(x, lengths: lengths).Output;
        Tensor spoilt = x.Copy();
        spoilt.Slice(0, 2, 2).Slice(1, 1, 1).FillInPlace(double.NaN);
        Assert.That(HostValues.Of(lstm.Forward(spoilt, lengths: lengths).Output), Is.EqualTo(HostValues.Of(y)));
    }

    [Test]
    public void A_bidirectional_layer_is_two_runs()
    {
        using RNN both = new(3, 4, bidirectional: true, dtype: DType.Float64), forward = new(3, 4, dtype: DType.Float64), backward = new(3, 4, dtype: DType.Float64);
        OrderedDictionary<string, Tensor> state = both.StateDictionary();
        forward.LoadState(state.Where(e => !e.Key.EndsWith("_reverse", StringComparison.Ordinal)).ToDictionary());
        backward.LoadState(state.Where(e => e.Key.EndsWith("_reverse", StringComparison.Ordinal)).ToDictionary(e => e.Key[..^"_reverse".Length], e => e.Value));
        Tensor x = Normal([5, 2, 3]), h = Normal([2, 2, 4], 2);
        (Tensor y, Tensor last) = both.Forward(x, h);
        (Tensor y1, Tensor last1) = forward.Forward(x, h.Slice(0, 0, 1));
        (Tensor y2, Tensor last2) = backward.Forward(x.Flip(0), h.Slice(0, 1, 1));
        AssertClose(y, Tensor.Concat([y1, y2.Flip(0)], 2), "outputs");
        AssertClose(last, Tensor.Concat([last1, last2]), "last states");
    }

    [Test]
    public void Cells_step_by_step_give_what_the_layer_gives_and_share_its_parameters()
    {
        Tensor x = Normal([4, 2, 3]);
        using LSTM lstm = new(3, 5, dtype: DType.Float64);
        using GRU gru = new(3, 5, dtype: DType.Float64);
        using RNN rnn = new(3, 5, activation: RnnActivation.Relu, dtype: DType.Float64);
        LstmCell lstmCell = lstm.Cell();
        AssertAlike(lstm, () => lstm.Forward(x).Output, x, (LstmState? s, Tensor step) => lstmCell.Forward(step, s), s => s.Hidden);
        GruCell gruCell = gru.Cell();
        AssertAlike(gru, () => gru.Forward(x).Output, x, (Tensor? s, Tensor step) => gruCell.Forward(step, s), s => s);
        RnnCell rnnCell = rnn.Cell();
        AssertAlike(rnn, () => rnn.Forward(x).Output, x, (Tensor? s, Tensor step) => rnnCell.Forward(step, s), s => s);
        Assert.That(lstmCell.WeightHH, Is.SameAs(lstm.StateDictionary()["weight_hh_l0"]));
        Assert.That(() => lstm.Cell(1), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("there is no layer 1"));
    }

    [Test]
    public void A_cell_made_before_its_layer_was_used_has_the_layers_values()
    {
        using LSTM lstm = new(3, 5, forgetBias: 1);
        LstmCell cell = lstm.Cell();
        Tensor x = Tensor.Normal([1, 2, 3], new Generator(1));
        Tensor stepped = cell.Forward(x.Select(0, 0)).Hidden, run = lstm.Forward(x).Output;
        Assert.That(HostValues.Of(run.Select(0, 0)), Is.EqualTo(HostValues.Of(stepped)));
    }

    [Test]
    public void Long_sequences_are_learnt_in_pieces_by_carrying_the_state_over_tapes()
    {
        using LSTM lstm = new(3, 4, layers: 2, dtype: DType.Float64);
        Tensor x = Normal([9, 2, 3]), whole = lstm.Forward(x).Output;
        Tensor[] parameters = [.. lstm.Parameters()];
        LstmState? state = null;
        int ops = 0;
        for (int piece = 0; piece < 3; piece++)
        {
            Tensor part = x.Slice(0, 3 * piece, 3);
            Tensor[] gradients;
            LstmState? before = state;
            using (Tape tape = new())
            {
                (Tensor y, LstmState last) = lstm.Forward(part, state?.Detach());
                AssertClose(y, whole.Slice(0, 3 * piece, 3), $"piece {piece}");
                gradients = Kept(tape.Gradients(y.Sum(), parameters));
                if (piece > 0) Assert.That(tape.Count, piece == 1 ? Is.GreaterThan(0) : Is.EqualTo(ops), "what is recorded does not grow");
                ops = tape.Count;
                state = new(TensorScope.Keep(last.Hidden), TensorScope.Keep(last.Cell));
            }

            // The same with the carried state as plain numbers: nothing of the pieces before is differentiated.
            using Tape fresh = new();
            LstmState? constant = before is null ? null : new(before.Hidden.Copy(), before.Cell.Copy());
            Tensor[] expected = fresh.Gradients(lstm.Forward(part, constant).Output.Sum(), parameters);
            for (int i = 0; i < parameters.Length; i++) AssertClose(gradients[i], expected[i], $"piece {piece}, {parameters[i].Name}");
        }
    }

    [Test]
    public void The_batch_may_come_first()
    {
        using GRU first = new(3, 4, layers: 2, batchFirst: true, dtype: DType.Float64), second = new(3, 4, layers: 2, dtype: DType.Float64);
        second.LoadState(first.StateDictionary());
        Tensor x = Normal([2, 5, 3]), lengths = Tensor.From(3L, 5L);
        (Tensor y, Tensor last) = first.Forward(x, lengths: lengths);
        (Tensor expected, Tensor expectedLast) = second.Forward(x.Transpose(0, 1), lengths: lengths);
        AssertClose(y, expected.Transpose(0, 1), "outputs");
        AssertClose(last, expectedLast, "last states");
    }

    [Test]
    public void Parameters_have_the_usual_names_in_the_usual_order()
    {
        using LSTM lstm = new(3, 4, layers: 2, bidirectional: true);
        string[] parts = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];
        string[] expected = [.. ((string[])["_l0", "_l0_reverse", "_l1", "_l1_reverse"]).SelectMany(suffix => parts.Select(part => part + suffix))];
        Assert.That(lstm.StateDictionary().Keys, Is.EqualTo(expected));
        Assert.That(lstm.StateDictionary()["weight_ih_l1"].Shape, Is.EqualTo(Shape.Create([16, 8])));
        using GruCell cell = new(3, 4, bias: false);
        Assert.That(cell.StateDictionary().Keys, Is.EqualTo(parts[..2]));
    }

    [Test]
    public void Parameters_start_uniform_within_the_root_of_the_hidden_size()
    {
        using GRU gru = new(30, 25);
        gru.Initialize(new Generator(3));
        foreach ((string name, Tensor parameter) in gru.NamedParameters())
        {
            double[] values = HostValues.Of(parameter);
            Assert.That(values.Max(Math.Abs), Is.InRange(0.19, 0.2), name);
            Assert.That(values.Average(), Is.EqualTo(0).Within(4 * 0.2 / Math.Sqrt(3.0 * values.Length)), name);
        }

        Assert.That(HostValues.Of(gru.Parameters()[0])[..10], Is.Not.EqualTo(HostValues.Of(gru.Parameters()[1])[..10]));
    }

    [Test]
    public void The_forget_bias_starts_with_what_is_asked_for()
    {
        using LSTM lstm = new(3, 4, layers: 2, bidirectional: true, forgetBias: 1);
        using LstmCell cell = new(3, 4, forgetBias: 0.5);
        lstm.Initialize(new Generator(1));
        foreach ((string name, Tensor parameter) in lstm.NamedParameters().Where(e => e.Name.StartsWith("bias", StringComparison.Ordinal)))
        {
            double[] values = HostValues.Of(parameter);
            Assert.That(values[4..8], Has.All.EqualTo(name.StartsWith("bias_ih", StringComparison.Ordinal) ? 1 : 0), name);
            Assert.That(values[..4].Concat(values[8..]).Select(Math.Abs), Has.All.GreaterThan(0).And.All.LessThanOrEqualTo(0.5), name);
        }

        _ = cell.Parameters();
        Assert.That(HostValues.Of(cell.BiasIH!)[4..8], Has.All.EqualTo(0.5));
        Assert.That(() => new LSTM(3, 4, bias: false, forgetBias: 1), Throws.ArgumentException.With.Message.Contains("there are no biases"));
    }

    [Test]
    public void Dropout_acts_between_layers_in_training_only()
    {
        using LSTM lstm = new(3, 8, layers: 2, dropout: 0.5), plain = new(3, 8, layers: 2);
        plain.LoadState(lstm.StateDictionary());
        Tensor x = Tensor.Normal([4, 2, 3], new Generator(1));
        double[] expected = HostValues.Of(plain.Forward(x).Output);
        (Tensor dropped, LstmState last) = lstm.Forward(x);
        Assert.That(HostValues.Of(dropped), Is.Not.EqualTo(expected));
        Assert.That(HostValues.Of(last.Hidden.Select(0, 0)), Is.EqualTo(HostValues.Of(plain.Forward(x).State.Hidden.Select(0, 0))), "the first layer's own state is not dropped");
        Assert.That(HostValues.Of(dropped), Has.None.Zero, "nor is the last layer's result");
        lstm.Eval();
        Assert.That(HostValues.Of(lstm.Forward(x).Output), Is.EqualTo(expected));
    }

    [Test]
    public void Empty_sequences_and_batches_are_fine()
    {
        using LSTM lstm = new(3, 4);
        Tensor h = Tensor.Normal([1, 2, 4], new Generator(1));
        (Tensor none, LstmState state) = lstm.Forward(Tensor.Zeros([0, 2, 3]), new(h, h));
        Assert.That((none.Shape, HostValues.Of(state.Hidden)), Is.EqualTo((Shape.Create([0, 2, 4]), HostValues.Of(h))));
        using Tape tape = new();
        Tensor empty = lstm.Forward(Tensor.Zeros([5, 0, 3])).Output;
        Assert.That(empty.Shape, Is.EqualTo(Shape.Create([5, 0, 4])));
        Assert.That(tape.Gradients(empty.Sum(), [.. lstm.Parameters()]).SelectMany(HostValues.Of), Has.All.Zero);
    }

    [Test]
    public void Not_a_number_spreads_along_its_own_sequence_only()
    {
        using GRU gru = new(3, 4);
        Tensor x = Tensor.Normal([4, 2, 3], new Generator(1)), expected = gru.Forward(x).Output, spoilt = x.Copy();
        spoilt.Slice(0, 1, 1).Slice(1, 0, 1).FillInPlace(double.NaN);
        Tensor y = gru.Forward(spoilt).Output;
        Assert.That(HostValues.Of(y.Slice(0, 1, 3).Select(1, 0)), Has.All.NaN);
        Assert.That(HostValues.Of(y.Select(1, 1)), Is.EqualTo(HostValues.Of(expected.Select(1, 1))));
        Assert.That(HostValues.Of(y.Select(0, 0)), Is.EqualTo(HostValues.Of(expected.Select(0, 0))));
    }

    [Test]
    public void Gradients_have_no_derivative_and_say_so()
    {
        using LSTM lstm = new(3, 4);
        using Tape tape = new();
        Tensor y = lstm.Forward(Tensor.Ones([2, 1, 3])).Output.Sum();
        Assert.That(() => tape.Gradients(y, [lstm.Parameters()[0]], createGraph: true), Throws.TypeOf<TapeException>().With.Message.Contains("no second derivative"));
    }

    [Test]
    public void Threads_do_not_change_a_bit()
    {
        using LSTM lstm = new(20, 100);
        Tensor x = Tensor.Normal([3, 65, 20], new Generator(1));
        Threads.ChangeNoBit(Results, 1, 3);

        double[][] Results()
        {
            using Tape tape = new();
            Tensor y = lstm.Forward(x).Output;
            return [HostValues.Of(y), .. tape.Gradients(y.Sum(), [.. lstm.Parameters()]).Select(HostValues.Of)];
        }
    }

    [Test]
    public void Wrong_operands_are_explained()
    {
        using LSTM lstm = new(3, 4, layers: 2);
        using GRU batchFirst = new(3, 4, batchFirst: true);
        using LstmCell cell = new(3, 4);
        Tensor x = Tensor.Zeros([5, 2, 3]), state = Tensor.Zeros([2, 2, 4]);
        AssertShape(() => lstm.Forward(Tensor.Zeros([5, 3])), "[positions, batch, 3]");
        AssertShape(() => lstm.Forward(Tensor.Zeros([5, 2, 4])), "[5, 2, 4]");
        AssertShape(() => batchFirst.Forward(Tensor.Zeros([2, 3])), "[batch, positions, 3]");
        AssertShape(() => lstm.Forward(x, new(Tensor.Zeros([1, 2, 4]), state)), "the state's Hidden [1, 2, 4] must be [layers · directions, batch, hidden] = [2, 2, 4]");
        AssertShape(() => lstm.Forward(x, new(state, Tensor.Zeros([2, 2, 5]))), "the state's Cell [2, 2, 5]");
        AssertShape(() => lstm.Forward(x, lengths: Tensor.From(1L, 2L, 3L)), "lengths [3] must be [2]");
        AssertShape(() => cell.Forward(x), "one position of each sequence");
        AssertShape(() => cell.Forward(Tensor.Zeros([2, 3]), new(Tensor.Zeros([2, 5]), Tensor.Zeros([2, 4]))), "the state [2, 5] must be [batch, hidden] = [2, 4]");
        Assert.That(() => lstm.Forward(x, lengths: Tensor.From(1, 2)), Throws.TypeOf<DTypeException>().With.Message.Contains("must be Int64"));
        Assert.That(() => lstm.Forward(Tensor.Zeros([5, 2, 3], DType.Float64)), Throws.TypeOf<DTypeException>());
        Assert.That(() => lstm.Forward(x, lengths: Tensor.From(1L, 6L)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("lengths[1] is 6").And.Message.Contains("0 to 5"));
        Assert.That(() => lstm.Forward(x, lengths: Tensor.From(-1L, 5L)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("lengths[0] is -1"));
    }

    [Test]
    public void Impossible_arguments_are_explained()
    {
        Assert.That(() => new LSTM(0, 4), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("LSTM: inputs is 0"));
        Assert.That(() => new GRU(3, -1), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("GRU: hidden is -1"));
        Assert.That(() => new RNN(3, 4, layers: 0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("RNN: layers is 0"));
        Assert.That(() => new LSTM(3, 4, layers: 2, dropout: 1), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("below 1"));
        Assert.That(() => new LSTM(3, 4, dropout: 0.5), Throws.ArgumentException.With.Message.Contains("there is only one"));
        Assert.That(() => new RnnCell(3, 0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("RnnCell: hidden is 0"));
    }

    [Test]
    public void Sequence_operators_check_their_operands()
    {
        Tensor x = Tensor.Zeros([2, 3, 16]), w = Tensor.Zeros([16, 4]), h = Tensor.Zeros([3, 4]);
        AssertShape(() => x.LstmSequence(Tensor.Zeros([12, 4]), h, h), "[4 · hidden, hidden]");
        AssertShape(() => Tensor.Zeros([2, 3, 12]).LstmSequence(w, h, h), "4 · 4 = 16 numbers");
        AssertShape(() => x.LstmSequence(w, h, Tensor.Zeros([2, 4])), "the cell state [2, 4]");
        AssertShape(() => x.LstmSequence(w, h, h, bias: Tensor.Zeros([4])), "the bias [4] must be [16]");
        AssertShape(() => Tensor.Zeros([3, 12]).GruSequence(Tensor.Zeros([12, 4]), h), "3 dimensions are expected");
        Assert.That(() => x.LstmSequence(w, h.Cast(DType.Float64), h), Throws.TypeOf<DTypeException>());
        Assert.That(() => x.Cast(DType.Int64).LstmSequence(w.Cast(DType.Int64), h.Cast(DType.Int64), h.Cast(DType.Int64)), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void Layers_print_as_their_constructors()
    {
        using LSTM lstm = new(3, 4, layers: 2, bidirectional: true, dropout: 0.5, forgetBias: 1);
        using RNN rnn = new(3, 4, activation: RnnActivation.Relu, batchFirst: true, bias: false);
        using GruCell cell = new(3, 4, bias: false);
        Assert.That(lstm.ToString(), Is.EqualTo("LSTM(3 → 4, layers: 2, bidirectional: true, dropout: 0.5, forgetBias: 1)"));
        Assert.That(rnn.ToString(), Is.EqualTo("RNN(3 → 4, batchFirst: true, bias: false, activation: Relu)"));
        Assert.That(cell.ToString(), Is.EqualTo("GruCell(3 → 4, bias: false)"));
    }

    private static void AssertAlike<TState>(Module layer, Func<Tensor> run, Tensor x, Func<TState?, Tensor, TState> step, Func<TState, Tensor> hidden) where TState : class
    {
        Tensor[] parameters = [.. layer.Parameters()];
        using Tape tape = new();
        Tensor y = run();
        TState? state = null;
        List<Tensor> outputs = [];
        foreach (Tensor one in x.Unbind())
        {
            state = step(state, one);
            outputs.Add(hidden(state));
        }

        Tensor stepped = Tensor.Stack(outputs.ToArray()), weights = Normal(y.Shape, 9);
        AssertClose(stepped, y, $"{layer}: outputs");
        Tensor[] expected = tape.Gradients((y * weights).Sum(), parameters), actual = tape.Gradients((stepped * weights).Sum(), parameters);
        for (int i = 0; i < parameters.Length; i++) AssertClose(actual[i], expected[i], $"{layer}: gradient of {parameters[i].Name}");
    }

    private static void AssertShape(Func<object> run, string message) => Assert.That(run, Throws.TypeOf<ShapeException>().With.Message.Contains(message));

    private static Tensor[] Kept(Tensor[] tensors) => [.. tensors.Select(TensorScope.Keep)];

    private static void AssertClose(Tensor actual, Tensor expected, string what)
    {
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape), what);
        Values.AssertClose(HostValues.Of(actual), HostValues.Of(expected), 1e-13, what);
    }
}
