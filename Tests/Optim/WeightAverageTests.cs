using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Optim;

/// <summary>Averages of the parameters against their formulas, and the exchange of both.</summary>
public sealed class WeightAverageTests
{
    private static readonly (Shape, DType)[] _tensors = [([3, 5], DType.Float64), ([7], DType.Float32), ([0], DType.Float32)];

    [Test]
    public void An_exponential_average_follows_its_formula([Values] AverageStart start)
    {
        const double beta = 0.9;
        using TestModel model = new(_tensors);
        using WeightAverage average = WeightAverage.Exponential(model.Parameters, beta, start);
        double[] expected = start == AverageStart.BiasCorrected ? new double[15] : model.Values()[0];      // Adam's means start as zeros
        for (int t = 1; t <= 20; t++)
        {
            TestModel.Write(model.Parameters[0], i => Math.Sin(i + t));
            average.Update();
            double decay = start == AverageStart.Growing ? Math.Min(beta, (1.0 + (t - 1)) / (10 + (t - 1))) : beta;
            for (int i = 0; i < expected.Length; i++) expected[i] = decay * expected[i] + (1 - decay) * Math.Sin(i + t);
            double correction = start == AverageStart.BiasCorrected ? 1 - Math.Pow(beta, t) : 1;
            Values.AssertClose(TestModel.Read(average.Averages[0]), [.. expected.Select(v => v / correction)], 1e-6, $"update {t}");
        }

        Assert.That(average.Updates, Is.EqualTo(20));
        Assert.That($"{average}", Does.Contain(start.ToString()));
    }

    [Test]
    public void An_equal_average_is_the_mean_of_all_updates()
    {
        using TestModel model = new(DType.Float64, [4]);
        using WeightAverage average = WeightAverage.Equal(model.Parameters);
        for (int t = 1; t <= 10; t++)
        {
            TestModel.Write(model.Parameters[0], i => i + t * t);
            average.Update();
        }

        Assert.That(TestModel.Read(average.Averages[0]), Is.EqualTo(new[] { 38.5, 39.5, 40.5, 41.5 }).Within(1e-12));
        average.CopyToParameters();
        Assert.That(model.Values()[0], Is.EqualTo(TestModel.Read(average.Averages[0])));
    }

    [Test]
    public void The_exchange_is_undone_bit_for_bit()
    {
        using TestModel model = new(_tensors);
        using WeightAverage average = WeightAverage.Exponential(model.Parameters, 0.5);
        average.Update();
        TestModel.Write(model.Parameters[0], i => i / 3.0);
        average.Update();
        double[][] parameters = model.Values();
        double[] averages = TestModel.Read(average.Averages[0]);
        Assert.That(averages, Is.Not.EqualTo(parameters[0]));
        using (average.Swap())
        {
            Assert.That(model.Values()[0], Is.EqualTo(averages));
            Assert.Throws<InvalidOperationException>(average.Update);
            Assert.Throws<InvalidOperationException>(() => average.Swap());
        }

        Assert.That(model.Values(), Is.EqualTo(parameters));
        Assert.That(TestModel.Read(average.Averages[0]), Is.EqualTo(averages));
    }

    [Test]
    public void A_saved_average_goes_on_with_the_same_bits_and_others_are_refused()
    {
        using TestModel model = new(_tensors), smaller = new(DType.Float64, [2]);
        using WeightAverage whole = WeightAverage.Exponential(model.Parameters), part = WeightAverage.Exponential(model.Parameters), other = WeightAverage.Equal(smaller.Parameters);
        for (int t = 0; t < 6; t++)
        {
            TestModel.Write(model.Parameters[0], i => Math.Cos(i * t));
            whole.Update();
            if (t < 3) part.Update();
            if (t != 3) continue;
            using (OptimizerState saved = part.SaveState())
            {
                using WeightAverage fresh = WeightAverage.Exponential(model.Parameters);
                fresh.LoadState(saved);
                fresh.Update();
                Assert.That(TestModel.Read(fresh.Averages[0]), Is.EqualTo(TestModel.Read(whole.Averages[0])));
                Assert.That(Assert.Throws<ArgumentException>(() => other.LoadState(saved))!.Message, Does.Contain("must come from an average of these 1 parameters"));
            }
        }
    }

    [Test]
    public void Bad_arguments_are_refused()
    {
        using TestModel model = new(DType.Float32, [2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightAverage.Exponential(model.Parameters, 1));
        using TensorScope scope = new();
        Assert.That(Assert.Throws<ArgumentException>(() => WeightAverage.Equal([Tensor.Zeros([2])]))!.Message, Does.Contain("is not a parameter"));
    }
}
