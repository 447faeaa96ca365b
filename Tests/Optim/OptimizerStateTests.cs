using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Optim;

/// <summary>Saved state continues a training with the same bits; a state that does not fit is refused and changes nothing.</summary>
public sealed class OptimizerStateTests
{
    private static readonly Shape[] Shapes = [[3, 5], [70], [], [2]];

    [Test]
    public void A_restored_optimizer_continues_with_the_same_bits([Values(0, 1, 2)] int kind, [Values] bool named, [Values] bool scheduled)
    {
        using TestModel whole = Model(named), part = Model(named);
        using Optimizer uninterrupted = Make(kind, whole, scheduled);
        Train(whole, uninterrupted, 0, 10);

        OptimizerState saved;
        using (Optimizer first = Make(kind, part, scheduled))
        {
            Train(part, first, 0, 6);
            saved = first.SaveState();
        }

        using (saved)
        {
            using Optimizer second = Make(kind, part, scheduled);
            second.Step();      // a state of its own, which is to be replaced; the parameters are put back
            Copy(whole: false);
            second.LoadState(saved);
            Assert.That(second.StepCount, Is.EqualTo(6));
            Train(part, second, 6, 10);
        }

        Assert.That(part.Values(), Is.EqualTo(whole.Values()));

        void Copy(bool whole)
        {
            using TestModel fresh = Model(named);
            using Optimizer again = Make(kind, fresh, scheduled);
            Train(fresh, again, 0, 6);
            for (int k = 0; k < Shapes.Length; k++) part.Parameters[k].CopyFrom(fresh.Parameters[k].ToArray<float>());
        }
    }

    [Test]
    public void The_state_has_names_and_an_order()
    {
        using TestModel model = Model(named: true);
        model.Parameters[1].IsFrozen = true;
        using Adam adam = new(model.Parameters, 0.25);
        Train(model, adam, 0, 2);
        using OptimizerState saved = adam.SaveState();
        Assert.That(saved.Numbers, Is.EqualTo(new Dictionary<string, double> { ["step_count"] = 2, ["learning_rate"] = 0.25, ["layer0.weight.step"] = 2, ["layer2.weight.step"] = 2, ["layer3.weight.step"] = 2 }));
        Assert.That(saved.Tensors.Keys, Is.EqualTo(new[]
        {
            "layer0.weight.exp_avg", "layer0.weight.exp_avg_sq", "layer2.weight.exp_avg", "layer2.weight.exp_avg_sq", "layer3.weight.exp_avg", "layer3.weight.exp_avg_sq",
        }));
        model.Parameters[3].Name = "layer0.weight";
        using OptimizerState numbered = adam.SaveState();
        Assert.That(numbered.Numbers.Keys, Does.Contain("3.step"));
    }

    [Test]
    public void A_saved_state_is_a_copy()
    {
        using TestModel model = Model(named: false);
        using Sgd sgd = new(model.Parameters, 0.1, 0.9);
        Train(model, sgd, 0, 1);
        using OptimizerState saved = sgd.SaveState();
        float[] before = saved.Tensors["0.momentum_buffer"].ToArray<float>();
        Train(model, sgd, 1, 2);
        Assert.That(saved.Tensors["0.momentum_buffer"].ToArray<float>(), Is.EqualTo(before));
    }

    [Test]
    public void A_rate_that_was_set_by_hand_is_restored()
    {
        using TestModel model = Model(named: false);
        using Sgd sgd = new(model.Parameters, 0.1) { LearningRate = 0.01 }, other = new(model.Parameters, 0.1), scheduled = new(model.Parameters) { Schedule = Schedule.Linear(1, 10) };
        using OptimizerState saved = sgd.SaveState();
        other.LoadState(saved);
        scheduled.LoadState(saved);
        Assert.That(other.LearningRate, Is.EqualTo(0.01));
        Assert.That(scheduled.LearningRate, Is.EqualTo(1));
    }

    [Test]
    public void A_state_that_does_not_fit_is_refused_and_changes_nothing()
    {
        using TensorScope scope = new();
        using TestModel model = Model(named: false);
        using Adam adam = new(model.Parameters);
        Train(model, adam, 0, 3);
        using OptimizerState before = adam.SaveState();
        long blocks = Accelerator.Default.Pool.Statistics.LiveBlocks;

        Refused(saved => saved.Numbers.Remove("step_count"), "lacks the number 'step_count'");
        Refused(saved => saved.Numbers["step_count"] = -1, "'step_count' is -1");
        Refused(saved => saved.Numbers["2.step"] = 1.5, "'2.step' is 1.5");
        Refused(saved => saved.Numbers["2.step"] = double.NaN, "'2.step' is NaN");
        Refused(saved => saved.Numbers["learning_rate"] = -1, "learning_rate must be a positive");
        Refused(saved => saved.Numbers.Remove("1.step"), "belong to nothing here, such as '1.exp_avg'");
        Refused(saved => Remove(saved, "3.exp_avg_sq"), "lacks the tensor '3.exp_avg_sq'");
        Refused(saved => saved.Numbers["4.step"] = 1, "such as '4.step'");
        Refused(saved => Replace(saved, "1.exp_avg", Tensor.Zeros([71])), "the saved '1.exp_avg' is [71] Float32");
        Refused(saved => Replace(saved, "1.exp_avg", Tensor.Zeros([70], DType.Float64)), "the saved '1.exp_avg' is [70] Float64");

        using (Sgd sgd = new(model.Parameters, 0.1, 0.9))
        using (OptimizerState other = sgd.SaveState())
        {
            Train(model, sgd, 0, 1);
            using OptimizerState momentum = sgd.SaveState();
            Assert.That(Assert.Throws<ArgumentException>(() => adam.LoadState(momentum))!.Message, Does.Contain("lacks the tensor '0.exp_avg'"));
        }

        using OptimizerState after = adam.SaveState();
        Assert.That(after.Numbers, Is.EqualTo(before.Numbers));
        foreach (string name in before.Tensors.Keys)
            Assert.That(after.Tensors[name].ToArray<float>(), Is.EqualTo(before.Tensors[name].ToArray<float>()), name);

        void Refused(Action<OptimizerState> damage, string reason)
        {
            using (OptimizerState saved = adam.SaveState())
            {
                damage(saved);
                Assert.That(Assert.Catch<ArgumentException>(() => adam.LoadState(saved))!.Message, Does.Contain(reason));
            }

            Assert.That(Accelerator.Default.Pool.Statistics.LiveBlocks, Is.EqualTo(blocks), reason);
        }

        static void Remove(OptimizerState saved, string name)
        {
            saved.Tensors[name].Dispose();
            saved.Tensors.Remove(name);
        }

        static void Replace(OptimizerState saved, string name, Tensor tensor)
        {
            saved.Tensors[name].Dispose();
            saved.Tensors[name] = tensor;
        }
    }

    private static TestModel Model(bool named)
    {
        TestModel model = new(DType.Float32, Shapes);
        for (int k = 0; named && k < Shapes.Length; k++) model.Parameters[k].Name = $"layer{k}.weight";
        return model;
    }

    private static Optimizer Make(int kind, TestModel model, bool scheduled)
    {
        Optimizer optimizer = kind switch
        {
            0 => new Sgd(model.Parameters, 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01),
            1 => new Adam(model.Parameters, 0.05),
            _ => new AdamW(model.Parameters, 0.05),
        };
        if (scheduled) optimizer.Schedule = Schedule.Warmup(3).Then(Schedule.Cosine(0.1, 10));
        return optimizer;
    }

    private static void Train(TestModel model, Optimizer optimizer, int from, int to)
    {
        for (int t = from; t < to; t++)
        {
            model.SetGradients(t);
            optimizer.Step();
        }
    }
}
