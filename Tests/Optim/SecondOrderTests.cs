using Gradwright.Optim;
using Gradwright.Tests.Gpu;
using NUnit.Framework;

namespace Gradwright.Tests.Optim;

/// <summary>L-BFGS, Newton's method, Hessians, and what kind of point they find.</summary>
public sealed class SecondOrderTests
{
    private static readonly double[] _curvatures = [1, 2, 4, 8, 16];

    [Test]
    public void Newton_reaches_a_quadratics_minimum_in_one_step()
    {
        using Tensor x = Tensor.Parameter<double>([1, -2, 3, -4, 5], [5]);
        Newton newton = new([x]);
        Assert.That(newton.Step(() => Bowl(x)), Is.EqualTo(HalfSquares([0.5, -2.5, 2.5, -4.5, 4.5])).Within(1e-12), "the loss before");
        Assert.That(x.ToArray<double>(), Is.All.EqualTo(0.5).Within(1e-14));
    }

    [Test]
    public void Newton_doubles_the_right_digits_near_a_minimum_and_takes_mixed_parameters()
    {
        using Tensor x = Tensor.Parameter<double>([1.2], [1]), y = Tensor.Parameter<float>([1.5f], [1]);
        Newton newton = new([x, y]);
        double[] losses = [.. Enumerable.Range(0, 8).Select(_ => newton.Step(() => Rosenbrock(x, y.Cast(DType.Float64))))];
        Assert.That(x.ToDouble(), Is.EqualTo(1).Within(1e-6));
        Assert.That(y.ToDouble(), Is.EqualTo(1).Within(1e-6));
        Assert.That(losses[^1], Is.LessThan(1e-12 * losses[0]));
    }

    [Test]
    public void Frozen_parameters_stay_whoever_optimizes()
    {
        using Tensor x = Tensor.Parameter<double>([2, 3], [2]), frozen = Tensor.Parameter<double>([5, 7], [2]);
        frozen.IsFrozen = true;
        new Newton([frozen, x]).Step(F);
        Assert.That(x.ToArray<double>(), Is.EqualTo(new[] { 5.0, 7 }).Within(1e-13));
        Assert.That(CriticalPoint.Find(F, [frozen, x]).Kind, Is.EqualTo(CriticalPointKind.Minimum));
        TestModel.Write(x, _ => 1);
        using LBfgs optimizer = new([frozen, x]);
        optimizer.Step(F);
        Assert.That(x.ToArray<double>(), Is.EqualTo(new[] { 5.0, 7 }).Within(1e-6));
        LocalSearch search = new([frozen, x], new Generator(1));
        for (int i = 0; i < 10; i++) search.Step(F);
        Assert.That(frozen.ToArray<double>(), Is.EqualTo(new[] { 5.0, 7 }));

        Tensor F() => (x - frozen).Square().Sum();
    }

    [Test]
    public void Newton_refuses_a_hessian_without_inverse_and_damping_helps()
    {
        using Tensor x = Tensor.Parameter<double>([1, 2], [2]);
        Assert.That(Assert.Throws<ArithmeticException>(() => new Newton([x]).Step(() => Line(x)))!.Message, Does.Contain("Give a damping"));
        Assert.That(x.ToArray<double>(), Is.EqualTo(new[] { 1.0, 2 }));
        new Newton([x], damping: 0.5).Step(() => Line(x));
        Assert.That(x.ToArray<double>(), Is.EqualTo(new[] { 1 - 2 / 2.5, 2.0 }).Within(1e-14));

        static Tensor Line(Tensor x) => x.Slice(0, 0, 1).Square().Sum() + (x * 0).Sum();
    }

    [TestCase(true), TestCase(false)]
    public void Lbfgs_reaches_the_minimum_of_a_quadratic_in_three_iterations_for_each_dimension(bool doubles)
    {
        using Tensor x = doubles ? Tensor.Parameter<double>([1, -2, 3, -4, 5], [5]) : Tensor.Parameter<float>([1, -2, 3, -4, 5], [5]);
        using LBfgs optimizer = new([x], iterations: 15, evaluations: 100, changeTolerance: doubles ? 1e-15 : 1e-9);
        double loss = optimizer.Step(() => Bowl(x));
        Assert.That(HostValues.Of(x), Is.All.EqualTo(0.5).Within(doubles ? 1e-5 : 1e-3));
        Assert.That(loss, Is.LessThan(doubles ? 1e-9 : 1e-6));
        Assert.That(optimizer.Iterations, Is.InRange(4, 15));
        Assert.That(optimizer.Evaluations, Is.LessThan(25));
    }

    [Test]
    public void Lbfgs_finds_the_end_of_rosenbrocks_valley()
    {
        using Tensor x = Tensor.Parameter<double>([-1.2], [1]), y = Tensor.Parameter<double>([1], [1]);
        using LBfgs optimizer = new([x, y], iterations: 100, evaluations: 300);
        double loss = optimizer.Step(() => Rosenbrock(x, y));
        Assert.That(loss, Is.LessThan(1e-10));
        Assert.That((x.ToDouble(), y.ToDouble()), Is.EqualTo((1.0, 1.0)).Using<(double, double)>((a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-4 && Math.Abs(a.Item2 - b.Item2) < 1e-4));
        Assert.That(optimizer.Evaluations, Is.LessThan(80));
        Assert.That(optimizer.ToString(), Does.StartWith("LBfgs("));
    }

    [Test]
    public void Lbfgs_goes_on_with_the_same_bits_and_takes_both_precisions()
    {
        double[][] whole = Run(6), parts = Run(3, 3);
        Assert.That(parts, Is.EqualTo(whole));

        static double[][] Run(params int[] steps)
        {
            using Tensor x = Tensor.Parameter<double>([-1.2], [1]), y = Tensor.Parameter<float>([1], [1]);
            OptimizerState? saved = null;
            foreach (int count in steps)
            {
                using LBfgs optimizer = new([x, y], iterations: 3, historySize: 4);
                if (saved is not null) optimizer.LoadState(saved);
                for (int i = 0; i < count; i++) optimizer.Step(() => Rosenbrock(x, y.Cast(DType.Float64)));
                saved?.Dispose();
                saved = optimizer.SaveState();
            }

            saved?.Dispose();
            return [HostValues.Of(x), HostValues.Of(y)];
        }
    }

    [Test]
    public void Lbfgs_refuses_what_is_no_state_of_its_own_and_losses_that_are_no_number()
    {
        using Tensor x = Tensor.Parameter<double>([1, 2], [2]), other = Tensor.Parameter<double>([1, 2, 3], [3]);
        using LBfgs optimizer = new([x]), larger = new([other]);
        larger.Step(() => Bowl(other));
        using OptimizerState saved = larger.SaveState(), empty = new();
        Assert.That(Assert.Throws<ArgumentException>(() => optimizer.LoadState(saved))!.Message, Does.Contain("has no 'direction.0' of [2] Float64"));
        Assert.That(Assert.Throws<ArgumentException>(() => optimizer.LoadState(empty))!.Message, Does.Contain("lacks the number 'iterations'"));
        Assert.That(Assert.Throws<ShapeException>(() => optimizer.Step(() => x * x))!.Message, Does.Contain("Reduce it to one"));
    }

    [Test]
    public void A_step_into_a_place_without_a_loss_is_taken_back()
    {
        using Tensor x = Tensor.Parameter<double>([0.1], [1]);
        using LBfgs optimizer = new([x], learningRate: 20, iterations: 20, evaluations: 200);
        optimizer.Step(() => (x - x.Log()).Sum());      // NaN for x < 0, smallest at 1
        Assert.That(x.ToDouble(), Is.EqualTo(1).Within(1e-4));
    }

    [TestCase("opencl:0"), TestCase("cuda:0")]
    [Category(TestProgram.Devices)]
    public void Lbfgs_and_newton_take_the_processors_way_on_a_device(string device)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        double[] here = Run(CpuAccelerator.Instance), there = Run(gpu);
        Assert.That(there, Is.EqualTo(here).Within(1e-9));

        static double[] Run(Accelerator accelerator)
        {
            using Tensor x = Tensor.Parameter<double>([1, -2, 3, -4, 5], [5], accelerator: accelerator);
            using LBfgs optimizer = new([x], iterations: 3);
            optimizer.Step(() => Bowl(x));
            new Newton([x], damping: 1).Step(() => (x.Tanh() * x).Sum());
            return HostValues.Of(x);
        }
    }

    [Test]
    public void The_hessian_is_that_of_the_formula()
    {
        // f = x²y + y³ + xyz: second derivatives by hand at (2, 3, 5).
        using Tensor xy = Tensor.Parameter<double>([2, 3], [2]), z = Tensor.Parameter<double>([5], [1]);
        using TensorScope scope = new();
        double[] expected = [2 * 3, 2 * 2 + 5, 3, 2 * 2 + 5, 6 * 3, 2, 3, 2, 0];
        Assert.That(Gradwright.Optim.Hessian.Matrix(F, [xy, z]).ToArray<double>(), Is.EqualTo(expected).Within(1e-13));
        Tensor[] product = Gradwright.Optim.Hessian.VectorProduct(F, [xy, z], [Tensor.From(1.0, -2), Tensor.From(0.5)]);
        Assert.That(product[0].ToArray<double>(), Is.EqualTo(new[] { 6 - 2 * 9 + 0.5 * 3, 9 - 2 * 18 + 0.5 * 2 }).Within(1e-13));
        Assert.That(product[1].ToArray<double>(), Is.EqualTo(new[] { 3.0 - 4 }).Within(1e-13));
        Assert.That(Gradwright.Optim.Hessian.VectorProduct(() => (xy * 3).Sum(), [xy], [Tensor.From(1.0, 1)])[0].ToArray<double>(), Is.All.Zero, "of a line");
        Assert.That(Assert.Throws<ShapeException>(() => Gradwright.Optim.Hessian.VectorProduct(F, [xy, z], [z, z]))!.Message, Does.Contain("vector 0 is [1] Float64"));
        Assert.Throws<ArgumentException>(() => Gradwright.Optim.Hessian.VectorProduct(F, [xy, z], [xy]));

        Tensor F()
        {
            Tensor x = xy.Select(0, 0), y = xy.Select(0, 1);
            return x * x * y + y * y * y + x * y * z.Sum();
        }
    }

    [Test]
    public void A_hessian_vector_product_is_the_matrix_times_the_vector_for_a_network()
    {
        using Gradwright.Layers.Linear first = new(3, 4, dtype: DType.Float64), second = new(4, 2, dtype: DType.Float64);
        using TensorScope scope = new();
        Generator random = new(1);
        Tensor x = Tensor.Normal([5, 3], random, dtype: DType.Float64), t = Tensor.Normal([5, 2], random, dtype: DType.Float64);
        Tensor[] parameters = [.. first.Parameters(), .. second.Parameters()], vectors = [.. parameters.Select(p => Tensor.Normal(p.Shape, random, dtype: DType.Float64))];
        double[] expected = HostValues.Of(Gradwright.Optim.Hessian.Matrix(Loss, parameters).MatMul(Tensor.Concat([.. vectors.Select(v => v.Reshape(-1))])));
        double[] product = [.. Gradwright.Optim.Hessian.VectorProduct(Loss, parameters, vectors).SelectMany(HostValues.Of)];
        Values.AssertClose(product, expected, 1e-12, "H v");

        Tensor Loss()
        {
            Tensor error = second.Forward(first.Forward(x).Tanh()) - t;
            return (error * error).Mean();
        }
    }

    [Test]
    public void Critical_points_are_told_apart([Values] bool doubles)
    {
        Assert.That(Kind(1, 2), Is.EqualTo(CriticalPointKind.Minimum));
        Assert.That(Kind(-1, -2), Is.EqualTo(CriticalPointKind.Maximum));
        Assert.That(Kind(1, -2), Is.EqualTo(CriticalPointKind.Saddle));
        Assert.That(Kind(1, 0), Is.EqualTo(CriticalPointKind.Flat));
        Assert.That(Kind(1, 2, at: 1), Is.EqualTo(CriticalPointKind.None));

        CriticalPointKind Kind(double a, double b, double at = 0)
        {
            using Tensor x = doubles ? Tensor.Parameter<double>([at, 0], [2]) : Tensor.Parameter<float>([(float)at, 0], [2]);
            using TensorScope scope = new();
            Tensor curvatures = Tensor.From(a, b).Cast(x.DType);
            CriticalPoint point = CriticalPoint.Find(() => (x * x * curvatures).Sum(), [x]);
            Assert.That(point.Spectrum.Values, Is.EqualTo(new[] { 2 * Math.Min(a, b), 2 * Math.Max(a, b) }).Within(1e-6));
            return point.Kind;
        }
    }

    [Test]
    public void A_saddle_is_found_by_newton_and_left_along_the_negative_curvature()
    {
        // f = x² − y² + y⁴/4: a saddle at 0, minima of −1 at y = ±√2.
        using Tensor x = Tensor.Parameter<double>([0.3, 0.2], [2]);
        Newton newton = new([x]);
        for (int i = 0; i < 6; i++) newton.Step(F);
        Assert.That(x.ToArray<double>(), Is.All.EqualTo(0).Within(1e-9), "Newton's method goes to the saddle");
        CriticalPoint saddle = CriticalPoint.Find(F, [x]);
        Assert.That(saddle.Kind, Is.EqualTo(CriticalPointKind.Saddle));
        Assert.That(saddle.NegativeCurvatures, Is.EqualTo(1));
        Assert.That(Math.Abs(saddle.Spectrum.Vectors[0][1]), Is.EqualTo(1).Within(1e-9));
        double loss = saddle.Leave(0.1);
        Assert.That(loss, Is.EqualTo(-0.01 + 0.0001 / 4).Within(1e-9));
        Assert.That(Math.Abs(x.ToArray<double>()[1]), Is.EqualTo(0.1).Within(1e-9));
        using LBfgs optimizer = new([x], iterations: 30);
        Assert.That(optimizer.Step(F), Is.EqualTo(-1).Within(1e-9));
        CriticalPoint minimum = CriticalPoint.Find(F, [x], gradientTolerance: 1e-4);
        Assert.That(minimum.Kind, Is.EqualTo(CriticalPointKind.Minimum));
        Assert.That(Assert.Throws<InvalidOperationException>(() => minimum.Leave())!.Message, Does.Contain("the loss falls in no direction"));

        Tensor F()
        {
            Tensor a = x.Select(0, 0), b = x.Select(0, 1), square = b * b;
            return a * a - square + square * square * 0.25;
        }
    }

    private static Tensor Bowl(Tensor x) => ((x - 0.5).Square() * Tensor.From(_curvatures[..(int)x.Count]).Cast(x.DType).To(x.Accelerator)).Sum() * 0.5;

    private static double HalfSquares(double[] x) => x.Select((v, i) => _curvatures[i] * v * v / 2).Sum();

    private static Tensor Rosenbrock(Tensor x, Tensor y) => ((1 - x).Square() + (y - x * x).Square() * 100).Sum();
}
