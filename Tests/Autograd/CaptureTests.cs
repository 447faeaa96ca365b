using Gradwright.Checking;
using Gradwright.Layers;
using Gradwright.Optim;
using NUnit.Framework;
using static Gradwright.Tests.Autograd.CapturedNetwork;

namespace Gradwright.Tests.Autograd;

/// <summary>A captured step does what the step itself does, bit for bit.</summary>
[InTensorScope]
public sealed class CaptureTests
{
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
            (Tensor x, Tensor y) = Batch(i);
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
    public void A_product_takes_the_rectifier_behind_it_along_with_the_same_bits()
    {
        using Sequential model = new(new Linear(7, 40), new ReLU(), new Linear(40, 3));
        Tensor x = Tensor.Normal([9, 7], new Generator(1));
        using CapturedStep step = Capture.Of(() => Backward(x));
        for (int i = 0; i < 3; i++) Assert.That(HostValues.Of(step.Run()), Is.EqualTo(HostValues.Of(Backward(x))));
        string[] ops = [.. step.Graph!.Nodes.Where(node => !node.IsView).Select(node => node.Op.Name)];
        Assert.That(ops[..2], Is.EqualTo(["ActivatedMatMul", "MatMul"]));
        Assert.That(ops, Has.No.Member("ReLU"));

        Tensor Backward(Tensor x)
        {
            using Tape tape = new();
            Tensor y = model.Forward(x);
            return TensorScope.Keep(tape.Gradients(y.Square().Sum(), [model.Parameters()[0]])[0]);
        }
    }

    [Test]
    public void Each_shape_has_a_recording_of_its_own()
    {
        using Sequential eager = Network(), captured = Network();
        using Sgd first = new(eager.Parameters(), 0.1), second = new(captured.Parameters(), 0.1);
        using CapturedStep step = Capture.Of((x, y) => Step(captured, second, x, y));
        for (int i = 0; i < 12; i++)
        {
            (Tensor x, Tensor y) = Batch(i, i % 3 == 2 ? 5 : 8);
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
            (Tensor x, Tensor y) = Batch(i);
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
            (Tensor x, Tensor y) = Batch(i);
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
            (Tensor x, Tensor y) = Batch(i);
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
                (Tensor x, Tensor y) = Batch(i);
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
        using Conv2D layer = new(64, 64, 3, padding: 1);
        using Tensor x = Tensor.Normal([2, 64, 16, 16], new Generator(1));
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
