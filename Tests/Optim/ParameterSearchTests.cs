using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Optim;

/// <summary>Search without gradients, gradients from differences, and gradients of several small batches.</summary>
public sealed class ParameterSearchTests
{
    [Test]
    public void A_search_never_gets_worse_and_ends_near_the_minimum([Values] bool local)
    {
        using Tensor x = Tensor.Parameter<float>([0.9f, -0.9f], [2]);
        ParameterSearch search = local ? new LocalSearch([x], new Generator(1), 0.2) : new RandomSearch([x], new Generator(1));
        Assert.That(search.Best, Is.EqualTo(double.PositiveInfinity));
        double last = double.PositiveInfinity;
        for (int i = 0; i < 400; i++)
        {
            double loss = search.Step(() => (x - 0.25).Square().Sum());
            Assert.That(loss, Is.LessThanOrEqualTo(last));
            last = loss;
        }

        Assert.That(search.Best, Is.EqualTo(x.ToArray<float>().Sum(v => (v - 0.25) * (v - 0.25))).Within(1e-6), "the parameters are the best that were seen");
        Assert.That(x.ToArray<float>(), Is.All.EqualTo(0.25f).Within(local ? 0.05f : 0.2f));
    }

    [Test]
    public void The_same_seed_finds_the_same_bits()
    {
        Assert.That(Run(5), Is.EqualTo(Run(5)));
        Assert.That(Run(6), Is.Not.EqualTo(Run(5)));

        static double[] Run(ulong seed)
        {
            using Tensor x = Tensor.Parameter<double>([1, 2, 3], [3]);
            LocalSearch search = new([x], new Generator(seed));
            for (int i = 0; i < 20; i++) search.Step(() => x.Square().Sum());
            return x.ToArray<double>();
        }
    }

    [Test]
    public void Numeric_gradients_are_the_tapes()
    {
        using Tensor x = Tensor.Parameter<double>([0.3, -0.7, 1.1], [3]);
        double[] expected;
        using (Tape tape = new())
        {
            tape.Backward(F());
            expected = x.Grad!.ToArray<double>();
        }

        x.ZeroGrad();
        NumericGradient.Fill(F, [x]);
        Assert.That(x.Grad!.ToArray<double>(), Is.EqualTo(expected).Within(1e-7));
        Assert.That(x.ToArray<double>(), Is.EqualTo(new[] { 0.3, -0.7, 1.1 }));
        using Sgd sgd = new([x], 0.1);
        double before = Value(), step = 0;
        for (; step < 20; step++)
        {
            NumericGradient.Fill(F, [x]);
            sgd.Step();
        }

        Assert.That(Value(), Is.LessThan(before));

        Tensor F() => (x.Sin() * x.Exp()).Sum();

        double Value()
        {
            using TensorScope scope = new();
            return F().ToDouble();
        }
    }

    [Test]
    public void One_sided_gradients_take_one_evaluation_each_and_err_by_the_curvature()
    {
        using Tensor x = Tensor.Parameter<double>([0.5, -2], [2]), y = Tensor.Parameter<double>([3], [1]);
        int evaluations = 0;
        NumericGradient.Fill(Loss, [x, y], h: 0.01, oneSided: true);
        Assert.That(evaluations, Is.EqualTo(4));
        Assert.That(x.Grad!.ToArray<double>(), Is.EqualTo(new[] { 1.01, -3.99 }).Within(1e-12), "2x + h");
        Assert.That(y.Grad!.ToArray<double>(), Is.EqualTo(new[] { 6.01 }).Within(1e-12));
        Assert.That(x.ToArray<double>(), Is.EqualTo(new[] { 0.5, -2 }));

        Tensor Loss()
        {
            evaluations++;
            return x.Square().Sum() + y.Square().Sum();
        }
    }

    [Test]
    public void Micro_batches_add_up_to_the_batch([Values(1, 2, 3, 4, 5)] int steps)
    {
        using Gradwright.Layers.Linear layer = new(4, 2, dtype: DType.Float64);
        using TensorScope scope = new();
        Generator random = new(2);
        Tensor x = Tensor.Normal([12, 4], random, dtype: DType.Float64), t = Tensor.Normal([12, 2], random, dtype: DType.Float64);
        using (Tape tape = new()) tape.Backward(Loss(x, t));
        double[][] whole = [.. layer.Parameters().Select(p => HostValues.Of(p.Grad!))];
        foreach (Tensor parameter in layer.Parameters()) parameter.ZeroGrad();

        GradientAccumulator accumulator = new(layer.Parameters(), steps);
        long size = (12 + steps - 1) / steps;      // with 5 steps the last one is smaller
        for (long from = 0; from < 12; from += size)
        {
            Assert.That(accumulator.IsComplete, Is.False);
            long count = Math.Min(size, 12 - from);
            using Tape tape = new();
            accumulator.Backward(tape, Loss(x.Slice(0, from, count), t.Slice(0, from, count)), weight: count);
        }

        accumulator.Finish();
        Assert.That(accumulator.Count, Is.Zero);
        Tensor[] parameters = [.. layer.Parameters()];
        for (int k = 0; k < whole.Length; k++) Values.AssertClose(HostValues.Of(parameters[k].Grad!), whole[k], 1e-14, $"parameter {k}");

        Tensor Loss(Tensor x, Tensor t) => (layer.Forward(x) - t).Square().Mean();
    }

    [Test]
    public void Bad_arguments_are_refused()
    {
        using Tensor x = Tensor.Parameter<double>([1], [1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomSearch([x], new Generator(), 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LocalSearch([x], new Generator(), 0));
        Assert.Throws<ArgumentException>(() => new LocalSearch([], new Generator()));
        Assert.Throws<ArgumentOutOfRangeException>(() => NumericGradient.Fill(() => x.Sum(), [x], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradientAccumulator([x], 0));
    }
}
