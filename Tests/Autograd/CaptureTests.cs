using Gradwright.Checking;
using Gradwright.Layers;
using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

/// <summary>A captured step does what the step itself does, bit for bit, and refuses what it could not repeat.</summary>
[InTensorScope]
public sealed class CaptureTests
{
    private const int Batch = 8;

    private static Sequential Network()
    {
        Sequential model = new(new Conv2D(1, 6, 3, padding: 1), new BatchNorm2D(6), new ReLU(), new MaxPool2D(2), new Dropout(0.3), new Flatten(), new Linear(6 * 4 * 4, 20), new Tanh(), new Dropout(0.2), new Linear(20, 5));
        model.Initialize(new Generator(3));
        return model;
    }

    private static (Tensor X, Tensor Y) Data(int step, int batch = Batch)
    {
        Generator generator = new Generator(11).Fork((ulong)step);
        return (Tensor.Normal([batch, 1, 8, 8], generator), Tensor.RandomIntegers([batch], generator, 0, 5));
    }

    private static Tensor Step(Sequential model, Optimizer optimizer, Tensor x, Tensor y)
    {
        using Tape tape = new();
        Tensor loss = Loss.CrossEntropy(model.Forward(x), y);
        optimizer.ZeroGrad();
        tape.Backward(loss);
        Clip.ByNorm(model.Parameters(), 0.5);
        optimizer.Step();
        return TensorScope.Keep(loss);
    }

    private static double[][] State(Module model) => [.. model.StateDictionary().Values.Select(HostValues.Of)];

    [Test]
    public void Fifty_steps_with_schedule_dropout_Adam_and_clipping_give_the_same_bits()
    {
        using Sequential eager = Network(), captured = Network();
        using Adam first = new(eager.Parameters(), 1e-2), second = new(captured.Parameters(), 1e-2);
        first.Schedule = Schedule.Cosine(1e-2, 50);
        second.Schedule = Schedule.Cosine(1e-2, 50);
        using CapturedStep step = Capture.Of((x, y) => Step(captured, second, x, y));
        for (int i = 0; i < 50; i++)
        {
            using TensorScope scope = new();
            (Tensor x, Tensor y) = Data(i);
            double expected = Step(eager, first, x, y).ToDouble();
            Assert.That(step.Run(x, y).ToDouble(), Is.EqualTo(expected), $"loss of step {i}");
        }

        Assert.That((step.Recordings, step.Repetitions), Is.EqualTo((1, 48L)));
        Assert.That(State(captured), Is.EqualTo(State(eager)));
        Assert.That(captured.NamedGenerators().Select(g => g.Generator.State), Is.EqualTo(eager.NamedGenerators().Select(g => g.Generator.State)));
        Assert.That(captured.Parameters().Select(p => HostValues.Of(p.Grad!)), Is.EqualTo(eager.Parameters().Select(p => HostValues.Of(p.Grad!))));
        Assert.That(second.StepCount, Is.EqualTo(50));
    }

    [Test]
    public void Each_shape_has_a_recording_of_its_own()
    {
        using Sequential eager = Network(), captured = Network();
        using Sgd first = new(eager.Parameters(), 0.1), second = new(captured.Parameters(), 0.1);
        using CapturedStep step = Capture.Of((x, y) => Step(captured, second, x, y));
        for (int i = 0; i < 12; i++)
        {
            (Tensor x, Tensor y) = Data(i, i % 3 == 2 ? 5 : Batch);
            Assert.That(step.Run(x, y).ToDouble(), Is.EqualTo(Step(eager, first, x, y).ToDouble()), $"step {i}");
        }

        Assert.That((step.Recordings, step.Repetitions), Is.EqualTo((2, 8L)));
    }

    [Test]
    public void A_step_follows_the_mode_of_its_modules_and_frozen_parameters()
    {
        using Sequential eager = Network(), captured = Network();
        using Sgd first = new(eager.Parameters(), 0.1), second = new(captured.Parameters(), 0.1);
        using CapturedStep step = Capture.Of((x, y) => Step(captured, second, x, y));
        void Both(Action<Sequential> change)
        {
            change(eager);
            change(captured);
        }

        for (int i = 0; i < 16; i++)
        {
            if (i == 4) Both(model => model.Eval());
            if (i == 8) Both(model => model.Train());
            if (i == 12) Both(model => model.NamedParameters()[0].Parameter.IsFrozen = true);
            (Tensor x, Tensor y) = Data(i);
            Assert.That(step.Run(x, y).ToDouble(), Is.EqualTo(Step(eager, first, x, y).ToDouble()), $"step {i}");
        }

        Assert.That(State(captured), Is.EqualTo(State(eager)));
        Assert.That(step.Recordings, Is.EqualTo(4));
    }

    [Test]
    public void A_learning_rate_and_weights_that_the_program_sets_are_seen()
    {
        using Sequential eager = Network(), captured = Network();
        using Sgd first = new(eager.Parameters(), 0.1), second = new(captured.Parameters(), 0.1);
        using CapturedStep step = Capture.Of((x, y) => Step(captured, second, x, y));
        for (int i = 0; i < 10; i++)
        {
            if (i == 5) (first.LearningRate, second.LearningRate) = (0.01, 0.01);
            if (i == 7) captured.LoadState(eager.StateDictionary());
            if (i == 8) foreach (Sequential model in new[] { eager, captured }) model.Parameters()[^1].FillInPlace(0.25);
            (Tensor x, Tensor y) = Data(i);
            Assert.That(step.Run(x, y).ToDouble(), Is.EqualTo(Step(eager, first, x, y).ToDouble()), $"step {i}");
        }

        Assert.That(step.Recordings, Is.EqualTo(1));
    }

    [Test]
    public void Gradients_are_there_afterwards_and_may_be_forgotten_outside()
    {
        using Tensor w = Tensor.Parameter<double>([2.0, 3], [2]);
        using CapturedStep step = Capture.Of(x =>
        {
            using Tape tape = new();
            Tensor loss = (w * w * x).Sum();
            tape.Backward(loss);
            return TensorScope.Keep(loss);
        });
        for (int i = 0; i < 6; i++)
        {
            using Tensor x = Tensor.From(1.0 + i, 2.0);
            step.Run(x);
            Assert.That(w.Grad!.ToArray<double>(), Is.EqualTo(new[] { 4.0 * (1 + i), 12 }));
            w.ZeroGrad();
        }

        Assert.That(step.Recordings, Is.EqualTo(1));
    }

    [Test]
    public void Gradients_that_are_not_forgotten_add_up()
    {
        using Tensor w = Tensor.Parameter<double>([2.0, 3], [2]);
        using CapturedStep step = Capture.Of(() =>
        {
            using Tape tape = new();
            Tensor loss = (w * w).Sum();
            tape.Backward(loss);
            return TensorScope.Keep(loss);
        });
        for (int i = 1; i <= 6; i++)
        {
            if (i == 4) w.ZeroGrad();
            step.Run();
            int passes = i < 4 ? i : i - 3;
            Assert.That(w.Grad!.ToArray<double>(), Is.EqualTo(new[] { 4.0 * passes, 6.0 * passes }), $"pass {i}");
        }
    }

    [Test]
    public void A_repetition_takes_no_memory()
    {
        using Sequential model = Network();
        using Adam optimizer = new(model.Parameters());
        using CapturedStep step = Capture.Of((x, y) => Step(model, optimizer, x, y));
        (Tensor x, Tensor y) = Data(0);
        for (int i = 0; i < 3; i++) step.Run(x, y);
        PoolStatistics before = x.Accelerator.Pool.Statistics;
        for (int i = 0; i < 5; i++) step.Run(x, y);
        PoolStatistics after = x.Accelerator.Pool.Statistics;
        Assert.That((after.LiveBytes, after.ReservedBytes), Is.EqualTo((before.LiveBytes, before.ReservedBytes)));
    }

    private static IEnumerable<TestCaseData> Sizes()
    {
        yield return new TestCaseData((Func<Sequential>)Network, 512L).SetArgDisplayNames("with convolutions: their work space");
        yield return new TestCaseData((Func<Sequential>)(() => new(new Flatten(), new Linear(64, 32), new BatchNorm1D(32), new ReLU(), new Dropout(0.5), new Linear(32, 16), new GELU(), new Linear(16, 5))), 0L)
            .SetArgDisplayNames("without");
    }

    [TestCaseSource(nameof(Sizes))]
    public void A_repetition_of_ops_allocates_no_objects(Func<Sequential> make, long most)
    {
        using Sequential model = make();
        using CapturedStep step = Capture.Of((x, y) =>
        {
            using Tape tape = new();
            Tensor loss = Loss.CrossEntropy(model.Forward(x), y);
            model.ZeroGrad();
            tape.Backward(loss);
            return TensorScope.Keep(loss);
        });
        (Tensor x, Tensor y) = Data(0);
        long least = long.MaxValue;     // caches fill during the first ones
        for (int i = 0; i < 10; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            step.Run(x, y);
            if (i > 2) least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.LessThanOrEqualTo(most));
    }

    [Test]
    public void Temporaries_share_an_arena_without_meeting()
    {
        using Sequential model = Network();
        using Adam optimizer = new(model.Parameters());
        using CapturedStep step = Capture.Of((x, y) => Step(model, optimizer, x, y));
        (Tensor x, Tensor y) = Data(0);
        step.Run(x, y);
        Assert.That(step.Graph, Is.Null);
        step.Run(x, y);
        CapturedGraph graph = step.Graph!;
        Assert.That(graph.PeakBytes, Is.Positive);
        Assert.That(graph.ArenaBytes, Is.InRange(graph.PeakBytes, 1.1 * graph.PeakBytes + 64 * 40));
        Assert.That(graph.TemporaryBytes, Is.GreaterThan(1.5 * graph.PeakBytes));
    }

    [Test]
    public void Blocks_that_live_at_the_same_time_lie_apart()
    {
        Random random = new(1);
        RecordedBlock[] blocks = new RecordedBlock[200];
        for (int i = 0; i < blocks.Length; i++)
        {
            using Tensor tensor = Tensor.Empty([random.Next(0, 5000)], DType.UInt8);
            int first = random.Next(100);
            blocks[i] = new(tensor.Buffer, true) { First = first, Last = first + random.Next(30) };
        }

        MemoryPlan plan = new(blocks);
        foreach (RecordedBlock a in blocks)
        {
            Assert.That(a.Place % 64, Is.Zero);
            Assert.That(a.Place + a.Length, Is.LessThanOrEqualTo(plan.ArenaBytes));
            foreach (RecordedBlock b in blocks)
                if (a != b && a.First <= b.Last && b.First <= a.Last && a.Length > 0 && b.Length > 0)
                    Assert.That(a.Place + a.Length <= b.Place || b.Place + b.Length <= a.Place);
        }

        long peak = Enumerable.Range(0, 130).Max(t => blocks.Where(b => b.First <= t && t <= b.Last).Sum(b => b.Length));
        Assert.That(plan.PeakBytes, Is.EqualTo(peak));
        Assert.That(plan.ArenaBytes, Is.LessThan(1.3 * peak));
    }

    [Test]
    public void A_loss_scale_goes_on_changing()
    {
        using Sequential eager = Network(), captured = Network();
        using Sgd first = new(eager.Parameters(), 0.1), second = new(captured.Parameters(), 0.1);
        LossScaler own = new(1 << 14, interval: 3), other = new(1 << 14, interval: 3);
        Tensor Scaled(Sequential model, Sgd optimizer, LossScaler scaler, Tensor x, Tensor y)
        {
            using MixedPrecisions.Usage precision = MixedPrecision.Float16.Use();
            using Tape tape = new();
            Tensor loss = Loss.CrossEntropy(model.Forward(x), y);
            optimizer.ZeroGrad();
            tape.Backward(scaler.Scale(loss));
            double norm = scaler.Unscale(model.Parameters());
            Clip.ByNorm(model.Parameters(), 1, throwIfNotFinite: false);
            scaler.Step(optimizer, norm);
            return TensorScope.Keep(loss);
        }

        using CapturedStep step = Capture.Of((x, y) => Scaled(captured, second, other, x, y));
        for (int i = 0; i < 30; i++)
        {
            (Tensor x, Tensor y) = Data(i);
            Assert.That(step.Run(x, y).ToDouble(), Is.EqualTo(Scaled(eager, first, own, x, y).ToDouble()), $"step {i}");
            Assert.That(other.State, Is.EqualTo(own.State), $"step {i}");
        }

        Assert.That(other.State.SkippedSteps, Is.Positive, "the scale should have become too large once");
        Assert.That(State(captured), Is.EqualTo(State(eager)));
        Assert.That(step.Recordings, Is.EqualTo(1));
    }

    [Test]
    public void State_that_is_written_in_place_is_carried_on()
    {
        using Tensor state = Tensor.Zeros([2], DType.Float64);
        using CapturedStep step = Capture.Of(x =>
        {
            state.CopyFrom(state * 0.5 + x);
            return state + 1;
        });
        double expected = 0;
        for (int i = 0; i < 6; i++)
        {
            using Tensor x = Tensor.From(1.0 * i, 2.0 * i);
            expected = expected * 0.5 + i;
            Assert.That(step.Run(x).ToArray<double>(), Is.EqualTo(new[] { expected + 1, 2 * expected + 1 }));
        }
    }

    [Test]
    public void Averages_and_penalties_take_part()
    {
        double[][] Train(bool captured)
        {
            using Sequential model = Network();
            using Adam optimizer = new(model.Parameters(), 1e-2);
            using WeightAverage average = WeightAverage.Exponential(model.Parameters(), 0.9);
            Tensor Whole(Tensor x, Tensor y)
            {
                using Tape tape = new();
                Tensor loss = Loss.CrossEntropy(model.Forward(x), y);
                tape.Backward(loss);
                Regularizer.AddToGradients(model.Parameters(), 1e-3, 1e-2);
                Clip.ByValue(model.Parameters(), 0.1);
                optimizer.Step();
                optimizer.ZeroGrad();
                Regularizer.LimitNorms(model.Parameters().Where(p => p.Rank > 1), 0.6);
                average.Update();
                return TensorScope.Keep(loss);
            }

            using CapturedStep? step = captured ? Capture.Of(Whole) : null;
            for (int i = 0; i < 8; i++)
            {
                (Tensor x, Tensor y) = Data(i);
                if (step is null) Whole(x, y);
                else step.Run(x, y);
            }

            return [.. State(model), .. average.Averages.Select(HostValues.Of)];
        }

        Assert.That(Train(captured: true), Is.EqualTo(Train(captured: false)));
    }

    [Test]
    public void A_saved_tensor_that_a_repetition_changes_is_noticed()
    {
        using Tensor w = Tensor.Parameter<double>([2.0, 3], [2]);
        using CapturedStep step = Capture.Of(() =>
        {
            w.AddInPlace(1);
            return w * 2;
        });
        for (int i = 0; i < 3; i++) step.Run();
        using Tape tape = new();
        Tensor y = (w * w).Sum();
        step.Run();
        Assert.That(() => tape.Backward(y), Throws.TypeOf<TapeException>().With.Message.Contain("changed"));
    }

    [Test]
    public void A_choice_of_algorithms_within_the_step_holds_in_repetitions_and_one_around_it_leads_to_a_recording()
    {
        using Conv2D layer = new(32, 32, 3, padding: 1);
        using Tensor x = Tensor.Normal([2, 32, 16, 16], new Generator(1));
        Tensor Direct(Tensor t)
        {
            using ConvolutionAlgorithms.Usage usage = ConvolutionAlgorithm.Direct.Use();
            return layer.Forward(t);
        }

        using CapturedStep direct = Capture.Of(Direct), any = Capture.Of(t => layer.Forward(t));
        double[] plain = HostValues.Of(Direct(x)), fast = HostValues.Of(layer.Forward(x));
        Assert.That(fast, Is.Not.EqualTo(plain));
        for (int i = 0; i < 4; i++) Assert.That(HostValues.Of(direct.Run(x)), Is.EqualTo(plain));
        for (int i = 0; i < 4; i++) Assert.That(HostValues.Of(any.Run(x)), Is.EqualTo(fast));
        using (ConvolutionAlgorithm.Direct.Use())
            for (int i = 0; i < 4; i++) Assert.That(HostValues.Of(any.Run(x)), Is.EqualTo(plain));
        Assert.That((direct.Recordings, any.Recordings), Is.EqualTo((1, 2)));
    }

    private static IEnumerable<TestCaseData> Unrepeatable()
    {
        yield return new TestCaseData((Func<Tensor, Tensor>)(x => x * x.Sum().ToDouble()), "reads").SetArgDisplayNames("reads a number");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x => Tensor.From(x.ToArray<double>())), "reads").SetArgDisplayNames("reads an array");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x => x * _random.NextDouble()), "random").SetArgDisplayNames("draws a number");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x =>
        {
            _outside.CopyFrom<double>([1, 2]);
            return x + _outside;
        }), "writes").SetArgDisplayNames("writes into an older tensor");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x =>
        {
            Tensor constant = Tensor.From(1.0, 2);
            constant.AddInPlace(x);
            return constant * 2;
        }), "writes").SetArgDisplayNames("changes a constant");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x =>
        {
            Tensor next = _carried + x;
            TensorScope.Release(next);
            _carried.Dispose();
            _carried = next;
            return next * 2;
        }), "carried").SetArgDisplayNames("replaces its state");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x => x.Nonzero().Cast(DType.Float64)), "depends on the operand's numbers").SetArgDisplayNames("has results of any size");
    }

    private static readonly Generator _random = new(1);
    private static Tensor _outside = null!, _carried = null!;

    [TestCaseSource(nameof(Unrepeatable))]
    public void What_cannot_be_repeated_is_refused_and_leaves_nothing_behind(Func<Tensor, Tensor> function, string why)
    {
        using Tensor outside = _outside = Tensor.Zeros([2], DType.Float64);
        TensorScope.Release(_carried = Tensor.Zeros([2], DType.Float64));
        using Tensor x = Tensor.From(1.0, 2);
        long live = x.Accelerator.Pool.Statistics.LiveBytes;
        using (CapturedStep step = Capture.Of(function))
        {
            step.Run(x);
            Assert.That(() => step.Run(x), Throws.TypeOf<CaptureException>().With.Message.Contain(why));
            Assert.That(() => step.Run(x), Throws.TypeOf<CaptureException>(), "the second try");
        }

        Assert.That(x.Accelerator.Pool.Statistics.LiveBytes, Is.EqualTo(live));
        _carried.Dispose();
    }

    [Test]
    public void Misuse_is_explained()
    {
        using Tensor x = Tensor.From(1.0, 2);
        using CapturedStep one = Capture.Of(t => t * 2), freed = Capture.Of(t =>
        {
            using TensorScope scope = new();
            return t * 2;
        }), nested = Capture.Of(t => one.Run(t) + 1);
        Assert.That(() => one.Run(), Throws.ArgumentException.With.Message.Contain("takes 1 inputs, but 0"));
        Assert.That(() => freed.Run(x), Throws.InvalidOperationException.With.Message.Contain("TensorScope.Keep"));
        nested.Run(x);
        Assert.That(() => nested.Run(x), Throws.TypeOf<CaptureException>().With.Message.Contain("within another"));
        Assert.That(() => Capture.Of((Func<Tensor>)null!), Throws.ArgumentNullException);
        one.Dispose();
        Assert.That(() => one.Run(x), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_step_that_throws_can_be_run_again()
    {
        using Tensor x = Tensor.From(1.0, 2);
        bool fails = false;
        using CapturedStep step = Capture.Of(t => fails ? throw new TimeoutException() : t * 2);
        step.Run(x);
        fails = true;
        Assert.That(() => step.Run(x), Throws.TypeOf<TimeoutException>());
        fails = false;
        for (int i = 0; i < 3; i++) Assert.That(step.Run(x).ToArray<double>(), Is.EqualTo(new[] { 2.0, 4 }));
    }

    [Test]
    public void The_graph_names_ops_and_parameters()
    {
        using Linear layer = new(3, 2);
        using Tensor x = Tensor.Ones([4, 3]);
        layer.Build(x);
        using CapturedGraph graph = CapturedGraph.Of(t => [layer.Forward(t[0]).Relu()], x);
        Assert.That(graph.Nodes.Select(node => node.Op.Name), Is.EqualTo(new[] { "Permute", "MatMul", "ReLU" }));
        Assert.That(graph.Values.Where(v => v.Kind == GraphValueKind.Parameter).Select(v => v.Name), Is.EquivalentTo(new[] { "weight", "bias" }));
        Assert.That(graph.Inputs.Single().Kind, Is.EqualTo(GraphValueKind.Input));
        Assert.That(graph.Results.Single().Shape, Is.EqualTo(Shape.Create(4, 2)));
        Assert.That(graph.Nodes[^1].Outputs[0], Is.SameAs(graph.Results[0]));
        Assert.That(graph.Impurities, Is.Empty);
    }
}
