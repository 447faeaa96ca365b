using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Optim;

/// <summary>What the papers say about the optimizers, and what holds for every one of them.</summary>
public sealed class OptimizerFactTests
{
    private static readonly (Shape, DType)[] _mixed = [([3, 5], DType.Float32), ([70], DType.Float64), ([], DType.Float32), ([8, 6], DType.Float64), ([0], DType.Float32)];

    [TestCaseSource(typeof(AllOptimizers), nameof(AllOptimizers.Cases))]
    public void A_resumed_training_has_the_same_bits_in_both_precisions(Func<Tensor[], Optimizer> make)
    {
        using TestModel whole = new(_mixed), part = new(_mixed);
        using Optimizer uninterrupted = make(whole.Parameters);
        for (int t = 0; t < 10; t++) AllOptimizers.Step(whole, uninterrupted, t);
        OptimizerState saved;
        using (Optimizer first = make(part.Parameters))
        {
            for (int t = 0; t < 6; t++) AllOptimizers.Step(part, first, t);
            saved = first.SaveState();
        }

        using (saved)
        {
            using Optimizer second = make(part.Parameters);
            second.LoadState(saved);
            for (int t = 6; t < 10; t++) AllOptimizers.Step(part, second, t);
        }

        Assert.That(part.Values(), Is.EqualTo(whole.Values()));
    }

    [TestCaseSource(typeof(AllOptimizers), nameof(AllOptimizers.Cases))]
    public void Single_precision_follows_double_precision_in_one_optimizer(Func<Tensor[], Optimizer> make)
    {
        using TestModel single = new(([3, 5], DType.Float32), ([3, 5], DType.Float64)), doubles = new(([3, 5], DType.Float64), ([3, 5], DType.Float32));
        using Optimizer first = make(single.Parameters), second = make(doubles.Parameters);
        for (int t = 0; t < 8; t++)
        {
            AllOptimizers.Step(single, first, t);
            AllOptimizers.Step(doubles, second, t);
        }

        for (int k = 0; k < 2; k++) Values.AssertClose(TestModel.Read(single.Parameters[k]), TestModel.Read(doubles.Parameters[k]), 1e-5, $"parameter {k}");
    }

    [TestCaseSource(typeof(AllOptimizers), nameof(AllOptimizers.Cases))]
    public void A_bowl_is_descended(Func<Tensor[], Optimizer> make)
    {
        using Tensor x = Tensor.Parameter<double>([1, -2, 3, -1, 2, -3], [2, 3]);
        using Optimizer optimizer = make([x]);
        double first = Descend();
        for (int i = 0; i < 50; i++) Descend();
        Assert.That(Descend(), Is.LessThan(0.9 * first));
        Assert.That(optimizer.ToString(), Does.StartWith(optimizer.GetType().Name + "("));

        double Descend()
        {
            (optimizer as Nesterov)?.LookAhead();
            optimizer.ZeroGrad();
            using Tape tape = new();
            Tensor loss = (x * x).Sum();
            tape.Backward(loss);
            optimizer.Step();
            return loss.ToDouble();
        }
    }

    [Test]
    public void Adams_first_step_is_the_rate_times_the_sign()
    {
        foreach (double g in (double[])[1e-3, -0.5, 7, -1e4])
            Assert.That(FirstStep(x => new Adam(x, 0.1, epsilon: 1e-12), g), Is.EqualTo(-0.1 * Math.Sign(g)).Within(1e-9));
    }

    [Test]
    public void Without_bias_correction_the_first_step_is_longer_by_a_known_factor()
    {
        double factor = (1 - 0.9) / Math.Sqrt(1 - 0.999);
        Assert.That(factor, Is.EqualTo(3.1623).Within(1e-4));
        Assert.That(FirstStep(x => new Adam(x, 0.1, epsilon: 1e-12, biasCorrection: false), 0.5), Is.EqualTo(-0.1 * factor).Within(1e-9));
        // With a slow first mean and a fast second one it is shorter.
        Assert.That(FirstStep(x => new Adam(x, 0.1, beta1: 0.99, beta2: 0.5, epsilon: 1e-12, biasCorrection: false), 0.5), Is.EqualTo(-0.1 * 0.01 / Math.Sqrt(0.5)).Within(1e-9));
    }

    [Test]
    public void Adagrads_and_lions_first_steps_are_the_rate_times_the_sign_and_dampening_spares_the_first()
    {
        Assert.That(FirstStep(x => new Adagrad(x, 0.1), -3), Is.EqualTo(0.1).Within(1e-9));
        Assert.That(FirstStep(x => new Lion(x, 0.1), -3), Is.EqualTo(0.1).Within(1e-15));
        Assert.That(FirstStep(x => new Sgd(x, 0.1, momentum: 0.9, dampening: 0.5), -3), Is.EqualTo(0.3).Within(1e-15));
    }

    [Test]
    public void Nesterovs_two_forms_take_their_gradients_at_the_same_points()
    {
        // f(x) = Σ k xₖ²/2 has the gradient k xₖ; the rewritten form's parameters are y = x + μv.
        using Tensor published = Tensor.Parameter<double>([1, -2, 3], [3]), rewritten = Tensor.Parameter<double>([1, -2, 3], [3]);
        using Nesterov first = new([published], 0.05, momentum: 0.9);
        using Sgd second = new([rewritten], 0.05, momentum: 0.9, nesterov: true);
        using TensorScope scope = new();
        Tensor curvature = Tensor.From(1.0, 2, 4);
        for (int t = 0; t < 30; t++)
        {
            first.LookAhead();
            Assert.That(published.ToArray<double>(), Is.EqualTo(rewritten.ToArray<double>()).Within(1e-13), $"step {t}");
            published.Grad = published.Detach() * curvature;
            rewritten.Grad = rewritten.Detach() * curvature;
            first.Step();
            second.Step();
            published.Grad = rewritten.Grad = null;
        }

        Assert.That(published.ToArray<double>(), Is.Not.EqualTo(rewritten.ToArray<double>()).Within(1e-6), "between the steps one is at x, the other ahead");
    }

    [Test]
    public void Nesterov_insists_on_its_order_and_leads_back_what_no_step_moved()
    {
        using TestModel model = new(DType.Float64, [3], [2]);
        using Nesterov optimizer = new(model.Parameters, 0.1);
        Assert.That(Assert.Throws<InvalidOperationException>(optimizer.Step)!.Message, Does.Contain("LookAhead() before the forward pass"));
        AllOptimizers.Step(model, optimizer, 1);
        optimizer.LookAhead();
        Assert.That(Assert.Throws<InvalidOperationException>(optimizer.LookAhead)!.Message, Does.Contain("ahead already"));
        Assert.Throws<InvalidOperationException>(() => optimizer.Momentum = 0.5);
        model.SetGradients(2);
        optimizer.Step();
        double[] before = TestModel.Read(model.Parameters[1]);
        optimizer.LookAhead();
        Assert.That(TestModel.Read(model.Parameters[1]), Is.Not.EqualTo(before));
        model.Parameters[1].IsFrozen = true;
        optimizer.Step();
        Assert.That(TestModel.Read(model.Parameters[1]), Is.EqualTo(before).Within(1e-15));
    }

    [Test]
    public void A_momentum_schedule_is_followed()
    {
        using TestModel model = new(DType.Float64, [3]);
        using Sgd sgd = new(model.Parameters, 0.1, momentum: 0.5) { MomentumSchedule = Schedule.GrowingMomentum(every: 2, largest: 0.8) };
        double[] seen = [.. Enumerable.Range(0, 8).Select(_ =>
        {
            sgd.Step();
            return sgd.Momentum;
        })];
        Assert.That(seen, Is.EqualTo(new[] { 0.5, 0.5, 0.75, 0.75, 0.8, 0.8, 0.8, 0.8 }).Within(1e-15));
    }

    [Test]
    public void Lars_moves_a_tensor_by_a_share_of_its_norm_whatever_its_gradient([Values(1e-4, 1, 1e5)] double size)
    {
        using Tensor x = Tensor.Parameter<double>([3, 4], [2]);
        using Tensor g = Tensor.From(size, -2 * size);
        x.Grad = g;
        using Lars lars = new([x], learningRate: 2, momentum: 0, weightDecay: 0, trust: 0.01);
        lars.Step();
        double[] moved = [x.ToArray<double>()[0] - 3, x.ToArray<double>()[1] - 4];
        Assert.That(Math.Sqrt(moved.Sum(m => m * m)), Is.EqualTo(2 * 0.01 * 5).Within(1e-12));
    }

    [Test]
    public void Lamb_moves_a_tensor_by_the_rate_times_its_norm_and_a_zero_tensor_as_adam()
    {
        using Tensor x = Tensor.Parameter<double>([3, 4], [2]), zero = Tensor.Parameter<double>([0, 0], [2]);
        using Tensor g = Tensor.From(0.1, -7.0);
        x.Grad = zero.Grad = g;
        using Lamb lamb = new([x, zero], learningRate: 0.1, weightDecay: 0.5, epsilon: 1e-12);
        lamb.Step();
        double[] moved = [x.ToArray<double>()[0] - 3, x.ToArray<double>()[1] - 4];
        Assert.That(Math.Sqrt(moved.Sum(m => m * m)), Is.EqualTo(0.1 * 5).Within(1e-9));
        Assert.That(moved[0] / moved[1], Is.EqualTo((1 + 0.5 * 3) / (-1 + 0.5 * 4)).Within(1e-9));
        Assert.That(zero.ToArray<double>(), Is.EqualTo(new[] { -0.1, 0.1 }).Within(1e-9));
        using Tensor far = Tensor.Parameter<double>([300, 400], [2]);
        far.Grad = g;
        using Lamb limited = new([far], learningRate: 0.1, weightDecay: 0, epsilon: 1e-12, largestTrust: 10);
        limited.Step();
        Assert.That(far.ToArray<double>(), Is.EqualTo(new[] { 300 - 1, 401.0 }).Within(1e-9));
    }

    [Test]
    public void Muons_step_has_singular_values_near_one_and_others_take_adamw()
    {
        using Tensor x = Tensor.Parameter([6, 4], DType.Float64), b = Tensor.Parameter([4], DType.Float64), embedding = Tensor.Parameter([5, 3], DType.Float64);
        using TensorScope scope = new();
        Generator random = new(4);
        Tensor g = Tensor.Normal([6, 4], random, dtype: DType.Float64), gb = Tensor.Normal([4], random, dtype: DType.Float64), ge = Tensor.Normal([5, 3], random, dtype: DType.Float64);
        (x.Grad, b.Grad, embedding.Grad) = (g, gb, ge);
        using Muon muon = new([x, b, embedding], learningRate: 0.1, others: [embedding], otherFactor: 0.5);
        muon.Step();
        Tensor step = x.Detach() * (-1 / (0.1 * Math.Sqrt(6.0 / 4)));
        double[] squares = Gradwright.Optim.Hessian.Spectrum(Square(step.Transpose().MatMul(step))).Values.ToArray();
        Assert.That(squares.Select(Math.Sqrt), Is.All.InRange(0.6, 1.3));
        Assert.That(HostValues.Of(b), Is.EqualTo(HostValues.Of(gb.Sign() * -0.05)).Within(1e-6), "Adam's first step");
        Assert.That(HostValues.Of(embedding), Is.EqualTo(HostValues.Of(ge.Sign() * -0.05)).Within(1e-6));
        using OptimizerState saved = muon.SaveState();
        Assert.That(saved.Tensors.Keys, Is.EqualTo(new[] { "0.momentum_buffer", "1.exp_avg", "1.exp_avg_sq", "2.exp_avg", "2.exp_avg_sq" }));
        (x.Grad, b.Grad, embedding.Grad) = (null, null, null);

        static double[,] Square(Tensor a)
        {
            double[] values = a.ToArray<double>();
            double[,] square = new double[4, 4];
            for (int i = 0; i < 16; i++) square[i / 4, i % 4] = values[i];
            return square;
        }
    }

    [Test]
    public void Impossible_options_are_refused()
    {
        using TestModel model = new(DType.Float32, [2]);
        Tensor[] x = model.Parameters;
        Refused(() => new Sgd(x, momentum: 0.9, dampening: 1), "dampening must be at least 0 and less than 1");
        Assert.That(Assert.Throws<ArgumentException>(() => new Sgd(x, momentum: 0.9, nesterov: true, dampening: 0.1))!.Message, Does.Contain("Leave dampening at 0"));
        Refused(() => new Nesterov(x, momentum: 1), "Momentum must be at least 0 and less than 1");
        Refused(() => new NAdam(x, momentumDecay: -1), "momentumDecay must be zero or");
        Refused(() => new Adagrad(x, epsilon: 0), "epsilon must be a positive");
        Refused(() => new Adagrad(x, initialSum: -1), "initialSum must be zero or");
        Refused(() => new RmsProp(x, rho: 1), "rho must be at least 0");
        Refused(() => new Adadelta(x, rho: -0.1), "rho must be at least 0");
        Refused(() => new Lion(x, beta2: 1), "beta2 must be at least 0");
        Refused(() => new Lars(x, trust: 0), "trust must be a positive");
        Refused(() => new Lamb(x, largestTrust: 0), "largestTrust must be positive");
        Refused(() => new Muon(x, otherFactor: 0), "otherFactor must be a positive");
        Refused(() => new Muon(x, iterations: 0), "iterations");
        Refused(() => new LBfgs(x, historySize: 0), "historySize");
        Refused(() => new Newton(x, damping: -1), "damping must be zero or");
        Assert.Throws<ArgumentException>(() => new LBfgs([]));
        Assert.Throws<ArgumentException>(() => new Newton([x[0], x[0]]));

        static void Refused(Func<object> make, string reason) => Assert.That(Assert.Throws<ArgumentOutOfRangeException>(() => make())!.Message, Does.Contain(reason));
    }

    private static double FirstStep(Func<Tensor[], Optimizer> make, double gradient)
    {
        using Tensor x = Tensor.Parameter<double>([2.0], [1]);
        using Tensor g = Tensor.From(gradient);
        x.Grad = g;
        using Optimizer optimizer = make([x]);
        optimizer.Step();
        return x.ToDouble() - 2;
    }
}
