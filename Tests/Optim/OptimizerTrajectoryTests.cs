using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Optim;

/// <summary>Twenty steps of every optimizer against plain loops in double, and first steps against numbers worked out by hand.</summary>
public sealed class OptimizerTrajectoryTests
{
    private const int Steps = 20;

    private static readonly Shape[] Shapes = [[], [1], [7], [3, 5], [0], [17, 33], [64], [131, 257], [5]];

    [Test]
    public void Sgd_follows_its_formula(
        [Values] bool doubles, [Values(0, 0.9)] double momentum, [Values] bool nesterov, [Values(0, 0.05)] double decay)
    {
        if (nesterov && momentum == 0) return;
        using TestModel model = new(doubles ? DType.Float64 : DType.Float32, Shapes);
        using Sgd sgd = new(model.Parameters, learningRate: 0.02, momentum, nesterov, decay);
        AssertFollows(model, sgd, (x, g, state) =>
        {
            double d = g + decay * x;
            if (momentum == 0) return x - 0.02 * d;
            state.First = state.Step == 1 ? d : momentum * state.First + d;     // the buffer starts as the first gradient
            return x - 0.02 * (nesterov ? d + momentum * state.First : state.First);
        });
    }

    [Test]
    public void Adam_follows_its_formula([Values] bool doubles, [Values(0, 0.05)] double decay)
    {
        using TestModel model = new(doubles ? DType.Float64 : DType.Float32, Shapes);
        using Adam adam = new(model.Parameters, learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, decay);
        AssertFollows(model, adam, (x, g, state) => AdamStep(x, g + decay * x, state, 0.01, 0.8, 0.95, 1e-6));
    }

    [Test]
    public void AdamW_follows_its_formula([Values] bool doubles, [Values(0, 0.05)] double decay)
    {
        using TestModel model = new(doubles ? DType.Float64 : DType.Float32, Shapes);
        using AdamW adam = new(model.Parameters, learningRate: 0.01, weightDecay: decay);
        AssertFollows(model, adam, (x, g, state) => AdamStep(x - 0.01 * decay * x, g, state, 0.01, 0.9, 0.999, 1e-8));
    }

    [Test]
    public void First_steps_are_those_worked_out_by_hand()
    {
        // x = 2, g = 0.5, λ = 0.1 where given.
        Assert.That(FirstStep(x => new Sgd(x, 0.1)), Is.EqualTo(2 - 0.1 * 0.5).Within(1e-15));
        Assert.That(FirstStep(x => new Sgd(x, 0.1, momentum: 0.9)), Is.EqualTo(1.95).Within(1e-15));
        Assert.That(FirstStep(x => new Sgd(x, 0.1, momentum: 0.9, nesterov: true)), Is.EqualTo(2 - 0.1 * (0.5 + 0.9 * 0.5)).Within(1e-15));
        Assert.That(FirstStep(x => new Sgd(x, 0.1, weightDecay: 0.1)), Is.EqualTo(2 - 0.1 * 0.7).Within(1e-15));
        // Bias correction makes the first step α · g / (|g| + ε), whatever the size of g.
        Assert.That(FirstStep(x => new Adam(x)), Is.EqualTo(2 - 0.001 * 0.5 / (0.5 + 1e-8)).Within(1e-15));
        Assert.That(FirstStep(x => new Adam(x, 0.1, weightDecay: 0.1)), Is.EqualTo(2 - 0.1 * 0.7 / (0.7 + 1e-8)).Within(1e-15));
        Assert.That(FirstStep(x => new AdamW(x, 0.1)), Is.EqualTo(2 * (1 - 0.1 * 0.01) - 0.1 * 0.5 / (0.5 + 1e-8)).Within(1e-15));
    }

    [Test]
    public void Second_step_of_momentum_is_the_one_worked_out_by_hand()
    {
        using Tensor x = Tensor.Parameter<double>([2.0], [1]);
        using Tensor g = Tensor.From(0.5);
        x.Grad = g;
        using Sgd sgd = new([x], 0.1, momentum: 0.9);
        sgd.Step();
        sgd.Step();
        // b = 0.5, then 0.9 · 0.5 + 0.5 = 0.95
        Assert.That(x.ToDouble(), Is.EqualTo(2 - 0.1 * 0.5 - 0.1 * 0.95).Within(1e-15));
    }

    [Test]
    public void Thread_counts_do_not_change_a_bit([Values] bool adam)
    {
        Threads.ChangeNoBit(Train, 1, 2, 3);

        double[][] Train()
        {
            using TestModel model = new(DType.Float32, [300, 301], [7], [129, 130], [33]);
            using Optimizer optimizer = adam ? new AdamW(model.Parameters) : new Sgd(model.Parameters, 0.1, 0.9, nesterov: true, 1e-3);
            for (int t = 0; t < 3; t++)
            {
                model.SetGradients(t);
                optimizer.Step();
            }

            return model.Values();
        }
    }

    [Test]
    public void Float_and_double_parameters_share_one_optimizer()
    {
        using TestModel model = new(([5], DType.Float32), ([6, 7], DType.Float64), ([40, 50], DType.Float32), ([3], DType.Float64));
        using Sgd sgd = new(model.Parameters, 0.02);
        AssertFollows(model, sgd, (x, g, _) => x - 0.02 * g);
    }

    private static void AssertFollows(TestModel model, Optimizer optimizer, Func<double, double, State, double> step)
    {
        double[][] expected = model.Values();
        State[][] states = [.. expected.Select(x => x.Select(_ => new State()).ToArray())];
        for (int t = 0; t < Steps; t++)
        {
            model.SetGradients(t);
            optimizer.Step();
            for (int k = 0; k < expected.Length; k++)
                for (int i = 0; i < expected[k].Length; i++)
                {
                    states[k][i].Step++;
                    expected[k][i] = step(expected[k][i], TestModel.Gradient(k, t, i), states[k][i]);
                }
        }

        Assert.That(optimizer.StepCount, Is.EqualTo(Steps));
        for (int k = 0; k < expected.Length; k++)
        {
            double[] actual = TestModel.Read(model.Parameters[k]);
            double worst = actual.Zip(expected[k], (a, b) => Math.Abs(a - b)).DefaultIfEmpty(0).Max();
            double scale = expected[k].Select(Math.Abs).DefaultIfEmpty(0).Max();
            Assert.That(worst, Is.LessThanOrEqualTo((model.Parameters[k].DType == DType.Float64 ? 1e-13 : 3e-6) * scale), $"parameter {k}, shape {model.Parameters[k].Shape}");
        }
    }

    private static double AdamStep(double x, double g, State state, double rate, double beta1, double beta2, double epsilon)
    {
        state.First = beta1 * state.First + (1 - beta1) * g;
        state.Second = beta2 * state.Second + (1 - beta2) * g * g;
        double mean = state.First / (1 - Math.Pow(beta1, state.Step)), square = state.Second / (1 - Math.Pow(beta2, state.Step));
        return x - rate * mean / (Math.Sqrt(square) + epsilon);
    }

    private static double FirstStep(Func<Tensor[], Optimizer> make)
    {
        using Tensor x = Tensor.Parameter<double>([2.0], [1]);
        using Tensor g = Tensor.From(0.5);
        x.Grad = g;
        using Optimizer optimizer = make([x]);
        optimizer.Step();
        return x.ToDouble();
    }

    private sealed class State
    {
        public int Step;
        public double First, Second;
    }
}
