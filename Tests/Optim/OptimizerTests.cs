using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Optim;

/// <summary>Which parameters a step changes and where, its layouts, groups, bad arguments and its use of memory.</summary>
public sealed class OptimizerTests
{
    [Test]
    public void Parameters_without_gradient_and_frozen_ones_stay()
    {
        using TestModel model = new(DType.Float32, [4], [4], [4]);
        model.SetGradients(1);
        model.Parameters[0].Grad!.Dispose();
        model.Parameters[1].IsFrozen = true;
        double[][] before = model.Values();
        int[] versions = Array.ConvertAll(model.Parameters, x => x.Buffer.Version);
        using AdamW adam = new(model.Parameters);
        adam.Step();
        Assert.That(TestModel.Read(model.Parameters[0]), Is.EqualTo(before[0]));
        Assert.That(TestModel.Read(model.Parameters[1]), Is.EqualTo(before[1]));
        Assert.That(TestModel.Read(model.Parameters[2]), Is.Not.EqualTo(before[2]));
        Assert.That(Array.ConvertAll(model.Parameters, x => x.Buffer.Version), Is.EqualTo(new[] { versions[0], versions[1], versions[2] + 1 }));
    }

    [Test]
    public void Bias_correction_counts_a_parameters_own_updates()
    {
        using TestModel model = new(DType.Float64, [3], [3]);
        model.Parameters[1].IsFrozen = true;
        using Adam adam = new(model.Parameters, 0.1);
        for (int t = 0; t < 5; t++) adam.Step();
        model.Parameters[1].IsFrozen = false;
        TestModel.Write(model.Parameters[1].Grad!, _ => 4);
        double[] before = TestModel.Read(model.Parameters[1]);
        adam.Step();
        Assert.That(TestModel.Read(model.Parameters[1]), Is.EqualTo(before.Select(x => x - 0.1)).Within(1e-8));
    }

    [Test]
    public void Layouts_do_not_change_the_result([Values] bool adam)
    {
        using TensorScope scope = new();
        Layout transposed = new([5, 70], [1, 5]);
        double[] expected = Train(Layout.Contiguous([5, 70]), Layout.Contiguous([5, 70]));
        Layout[] gradients = [transposed, new([5, 70], [200, 2], 3), new([5, 70], [70, -1], 69), Layout.Contiguous([5, 70])];
        foreach (Layout gradient in gradients)
        {
            Assert.That(Train(Layout.Contiguous([5, 70]), gradient), Is.EqualTo(expected));
            Assert.That(Train(transposed, gradient), Is.EqualTo(expected));
        }

        double[] Train(Layout parameter, Layout gradient)
        {
            using Tensor x = Tensor.Parameter(Tensor.Empty(parameter, DType.Float32));
            Assert.That(x.Layout.Strides.ToArray(), Is.EqualTo(parameter.Strides.ToArray()));
            TestModel.Write(x, i => TestModel.Start(0, i));
            Tensor g = Tensor.Over(Tensor.Zeros([1100]).Buffer, gradient, DType.Float32);
            x.Grad = g;
            using Optimizer optimizer = adam ? new Adam([x], 0.1) : new Sgd([x], 0.1, 0.9);
            for (int t = 0; t < 3; t++)
            {
                TestModel.Write(g, i => TestModel.Gradient(0, t, i));
                optimizer.Step();
            }

            return TestModel.Read(x);
        }
    }

    [Test]
    public void Groups_have_rates_and_decays_of_their_own()
    {
        using TestModel model = new(DType.Float64, [2], [2], [2], [2]);
        foreach (Tensor x in model.Parameters)
        {
            TestModel.Write(x, _ => 1);
            TestModel.Write(x.Grad!, _ => 1);
        }

        Tensor[] p = model.Parameters;
        using Sgd sgd = new(
        [
            new ParameterGroup([p[0]]),
            new ParameterGroup([p[1]]) { RateFactor = 0.5 },
            new ParameterGroup([p[2]]) { LearningRate = 0.3, WeightDecay = 0 },
            new ParameterGroup([p[3]]) { LearningRate = Schedule.From(t => t + 1), RateFactor = 0 },
        ], learningRate: 0.1, weightDecay: 1);
        sgd.Step();
        Assert.That(Array.ConvertAll(p, x => TestModel.Read(x)[1]), Is.EqualTo(new[] { 1 - 0.1 * 2, 1 - 0.05 * 2, 1 - 0.3, 1.0 }).Within(1e-15));
        Assert.That(sgd.Groups, Has.Count.EqualTo(4));
    }

    [Test]
    public void A_group_may_be_added_later()
    {
        using TestModel model = new(DType.Float32, [2], [2]);
        model.SetGradients(0);
        using Sgd sgd = new([model.Parameters[0]], 0.1);
        sgd.Step();
        sgd.AddGroup(new([model.Parameters[1]]));
        double[] before = TestModel.Read(model.Parameters[1]);
        sgd.Step();
        Assert.That(TestModel.Read(model.Parameters[1]), Is.Not.EqualTo(before));
        Assert.Throws<ArgumentException>(() => sgd.AddGroup(new([model.Parameters[1]])));
    }

    [Test]
    public void The_schedule_drives_the_rate()
    {
        using TestModel model = new(DType.Float64, [1]);
        TestModel.Write(model.Parameters[0], _ => 0);
        TestModel.Write(model.Parameters[0].Grad!, _ => 1);
        using Sgd sgd = new(model.Parameters) { Schedule = Schedule.Step(1, every: 2, factor: 0.5) };
        double[] rates = new double[6];
        for (int t = 0; t < 6; t++)
        {
            rates[t] = sgd.LearningRate;
            sgd.Step();
        }

        Assert.That(rates, Is.EqualTo(new[] { 1, 1, 0.5, 0.5, 0.25, 0.25 }));
        Assert.That(model.Parameters[0].ToDouble(), Is.EqualTo(-3.5));
        sgd.LearningRate = 0.7;
        sgd.Step();
        Assert.That(model.Parameters[0].ToDouble(), Is.EqualTo(-4.2).Within(1e-15));
    }

    [Test]
    public void A_bad_rate_changes_nothing()
    {
        using TestModel model = new(DType.Float64, [3], [3]);
        model.SetGradients(0);
        using Adam adam = new([new ParameterGroup([model.Parameters[0]]), new ParameterGroup([model.Parameters[1]]) { LearningRate = Schedule.From(_ => double.NaN) }]);
        double[][] before = model.Values();
        Assert.That(Assert.Throws<InvalidOperationException>(adam.Step)!.Message, Does.Contain("NaN at step 0"));
        Assert.That(model.Values(), Is.EqualTo(before));
        Assert.That(adam.StepCount, Is.Zero);
    }

    [Test]
    public void ZeroGrad_forgets_gradients_and_clears_assigned_ones()
    {
        using TestModel model = new(DType.Float32, [3]);
        model.SetGradients(0);
        using Tensor other = Tensor.Parameter([2]);
        using (Tape tape = new())
            tape.Backward(other * 2, Tensor.Ones([2]));
        Assert.That(other.Grad, Is.Not.Null);
        using Sgd sgd = new([.. model.Parameters, other]);
        sgd.ZeroGrad();
        Assert.That(other.Grad, Is.Null);
        Assert.That(TestModel.Read(model.Parameters[0].Grad!), Is.EqualTo(new double[3]));
    }

    [Test]
    public void Gradients_from_the_tape_lead_to_the_minimum()
    {
        using Tensor x = Tensor.Parameter([5, 3]), target = Tensor.From([.. Enumerable.Range(0, 15).Select(i => i * 0.1f)], [5, 3]);
        using Adam adam = new([x]) { Schedule = Schedule.Cosine(0.1, 300) };
        for (int t = 0; t < 300; t++)
        {
            adam.ZeroGrad();
            using (Tape tape = new())
            {
                Tensor error = x - target;      // d/dx Σ (x − target)² / 2 = error
                tape.Backward(error * error, Tensor.Full([5, 3], 0.5));
            }

            adam.Step();
        }

        Assert.That(x.ToArray<float>(), Is.EqualTo(target.ToArray<float>()).Within(1e-3));
    }

    [Test]
    public void Backward_refuses_a_parameter_that_a_step_has_changed()
    {
        using TestModel model = new(DType.Float32, [3]);
        model.SetGradients(0);
        using Sgd sgd = new(model.Parameters);
        using Tape tape = new();
        Tensor y = model.Parameters[0] * model.Parameters[0];
        sgd.Step();
        Assert.Throws<TapeException>(() => tape.Backward(y, Tensor.Ones([3])));
    }

    [Test]
    public void The_state_outlives_the_scope_of_the_first_step()
    {
        using TestModel model = new(DType.Float32, [3]);
        using Adam adam = new(model.Parameters);
        for (int t = 0; t < 2; t++)
        {
            using TensorScope scope = new();
            model.SetGradients(t);
            adam.Step();
        }

        Assert.That(adam.StepCount, Is.EqualTo(2));
    }

    [Test]
    public void Dispose_frees_the_state_and_nothing_else()
    {
        using TestModel model = new(DType.Float32, [3], [40]);
        long before = Accelerator.Default.Pool.Statistics.LiveBlocks;
        Adam adam = new(model.Parameters);
        adam.Step();
        Assert.That(Accelerator.Default.Pool.Statistics.LiveBlocks, Is.EqualTo(before + 4));
        adam.Dispose();
        adam.Dispose();
        Assert.That(Accelerator.Default.Pool.Statistics.LiveBlocks, Is.EqualTo(before));
        Assert.That(model.Parameters[0].IsDisposed, Is.False);
        Assert.Throws<ObjectDisposedException>(adam.Step);
    }

    [Test]
    public void A_steady_step_allocates_nothing([Values] bool adam)
    {
        using TestModel model = new(DType.Float32, [2, 16], [16], [16, 16], [16], [16, 1], [1], [200, 300]);
        using Optimizer optimizer = adam
            ? new AdamW(model.Parameters) { Schedule = Schedule.Warmup(5).Then(Schedule.Cosine(0.1, 100)) }
            : new Sgd(model.Parameters, 0.1, 0.9);
        for (int t = 0; t < 50; t++) optimizer.Step();
        long allocations = Accelerator.Default.Pool.Statistics.SystemAllocations, before = GC.GetAllocatedBytesForCurrentThread();
        for (int t = 0; t < 100; t++) optimizer.Step();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(Accelerator.Default.Pool.Statistics.SystemAllocations, Is.EqualTo(allocations));
    }

    [Test]
    public void Bad_arguments_are_refused_with_a_reason()
    {
        using TensorScope scope = new();
        using Tensor x = Tensor.Parameter([3], name: "w"), half = Tensor.Parameter([3], DType.Float16);
        Refused<ArgumentException>(() => new Adam(Array.Empty<Tensor>()), "no parameters");
        Refused<ArgumentException>(() => new Adam([x, x]), "'w' [3] Float32 occurs twice");
        Refused<ArgumentException>(() => new Adam([new ParameterGroup([x]), new ParameterGroup([x])]), "occurs twice");
        Refused<ArgumentException>(() => new Adam([Tensor.Zeros([2])]), "[2] Float32 is not a parameter");
        Refused<ArgumentException>(() => new Adam([x, null!]), "null is not a parameter");
        Refused<DTypeException>(() => new Adam([half]), "Float16");
        foreach (double bad in new[] { 0, -1, double.NaN, double.PositiveInfinity })
        {
            Refused<ArgumentOutOfRangeException>(() => new Sgd([x], bad), "LearningRate must be a positive");
            Refused<ArgumentOutOfRangeException>(() => new Adam([x], epsilon: bad), "epsilon must be a positive");
        }

        Refused<ArgumentOutOfRangeException>(() => new Sgd([x], weightDecay: -0.1), "WeightDecay must be zero or");
        Refused<ArgumentOutOfRangeException>(() => new Sgd([x], momentum: 1), "Momentum must be at least 0 and less than 1");
        Refused<ArgumentException>(() => new Sgd([x], nesterov: true), "needs momentum");
        Refused<ArgumentOutOfRangeException>(() => new AdamW([x], beta1: 1), "AdamW: beta1");
        Refused<ArgumentOutOfRangeException>(() => new Adam([x], beta2: -0.1), "Adam: beta2");
        Refused<ArgumentOutOfRangeException>(() => new ParameterGroup([x]) { RateFactor = -1 }, "RateFactor");
        Refused<ArgumentOutOfRangeException>(() => new ParameterGroup([x]) { WeightDecay = double.NaN }, "WeightDecay");

        static void Refused<TException>(Func<object> make, string reason) where TException : Exception
            => Assert.That(Assert.Throws<TException>(() => make())!.Message, Does.Contain(reason));
    }
}
