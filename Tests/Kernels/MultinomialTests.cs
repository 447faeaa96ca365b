using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Kernels;

[InTensorScope]
public sealed class MultinomialTests
{
    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void Categories_are_drawn_as_often_as_they_weigh(DType dtype)
    {
        const int Draws = 200_000;
        double[] weights = [0, 1, 0.5, 6, 0, 2.5];
        long[] drawn = Tensor.From(weights).Cast(dtype).Multinomial(Draws, new Generator(3)).ToArray<long>();
        for (int c = 0; c < weights.Length; c++)
        {
            double p = weights[c] / 10;
            Assert.That(drawn.Count(d => d == c), Is.EqualTo(p * Draws).Within(5 * Math.Sqrt(p * (1 - p) * Draws)), $"category {c}");
        }
    }

    [Test]
    public void Draws_without_replacement_follow_each_other_as_if_each_removed_its_category()
    {
        // Of weights 1, 2 and 3: P(first a, then b) = w_a / 6 · w_b / (6 − w_a).
        const int Rows = 60_000;
        long[] drawn = Tensor.From(1f, 2, 3).Expand([Rows, 3]).Multinomial(2, new Generator(4), replacement: false).ToArray<long>();
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
            {
                double p = a == b ? 0 : (a + 1) / 6.0 * (b + 1) / (5.0 - a);
                int count = Enumerable.Range(0, Rows).Count(r => drawn[2 * r] == a && drawn[2 * r + 1] == b);
                Assert.That(count, Is.EqualTo(p * Rows).Within(5 * Math.Sqrt(p * (1 - p) * Rows)), $"{a}, then {b}");
            }
    }

    [Test]
    public void All_of_a_row_without_replacement_is_a_permutation()
    {
        long[] drawn = Tensor.Uniform([500], new Generator(5), 0.1, 1).Multinomial(500, new Generator(6), replacement: false).ToArray<long>();
        Assert.That(drawn.Order(), Is.EqualTo(Enumerable.Range(0, 500).Select(i => (long)i)));
    }

    [Test]
    public void Weights_need_not_sum_to_one_and_scaling_them_changes_nothing()
    {
        Tensor weights = Tensor.Uniform([4, 9], new Generator(7));
        long[] plain = weights.Multinomial(50, new Generator(8)).ToArray<long>();
        Assert.That((weights * 1024).Multinomial(50, new Generator(8)).ToArray<long>(), Is.EqualTo(plain));
        Assert.That((weights / (1 << 30)).Multinomial(50, new Generator(8)).ToArray<long>(), Is.EqualTo(plain));
    }

    [Test]
    public void A_generator_goes_on_and_repeats_itself_from_its_seed()
    {
        Tensor weights = Tensor.Ones([1000]);
        Generator generator = new(9);
        long[] first = weights.Multinomial(20, generator).ToArray<long>(), second = weights.Multinomial(20, generator).ToArray<long>();
        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(weights.Multinomial(20, new Generator(9)).ToArray<long>(), Is.EqualTo(first));
    }

    [TestCase(1.0)]
    [TestCase(0.5)]
    [TestCase(4.0)]
    public void Classes_are_drawn_from_the_softmax_at_a_temperature(double temperature)
    {
        const int Rows = 50_000;
        Tensor logits = Tensor.From(1000f, 1001, 999.5f, float.NegativeInfinity);
        double[] p = (logits / temperature).Cast(DType.Float64).Softmax().ToArray<double>();
        long[] drawn = logits.Expand([Rows, 4]).Categorical(new Generator(10), temperature).ToArray<long>();
        for (int c = 0; c < 4; c++) Assert.That(drawn.Count(d => d == c), Is.EqualTo(p[c] * Rows).Within(5 * Math.Sqrt(p[c] * (1 - p[c]) * Rows)), $"class {c}");
        Assert.That(logits.Categorical(new Generator(10), 0).ToArray<long>(), Is.EqualTo(new[] { 1L }), "temperature 0 is greedy");
    }

    [Test]
    public void Gumbel_softmax_is_nearly_one_hot_at_low_temperatures_and_passes_gradients_when_hard()
    {
        using Tape tape = new();
        Tensor logits = tape.Watch(Tensor.From(0f, 1, 2).Expand([20_000, 3]).Copy());
        Tensor hard = logits.GumbelSoftmax(new Generator(11), 0.1, hard: true);
        double[] p = Tensor.From(0.0, 1, 2).Softmax().ToArray<double>();
        Assert.That(hard.Mean(0).ToArray<float>(), Is.EqualTo(p).Within(0.02));
        Assert.That(hard.Max(-1).Min().ToDouble(), Is.EqualTo(1).Within(1e-6));
        Assert.That(tape.Gradients((hard * Tensor.From(1f, 0, 0)).Sum(), [logits])[0].Abs().Sum().ToDouble(), Is.GreaterThan(0));
        Tensor gumbel = Tensor.Gumbel([100_000], new Generator(12));
        Assert.That(gumbel.IsFinite().All().ToArray<bool>()[0]);
        Assert.That(gumbel.Mean().ToDouble(), Is.EqualTo(0.5772).Within(0.02));
    }

    [Test]
    public void Weights_that_cannot_be_drawn_from_are_refused_by_place()
    {
        Generator generator = new(1);
        Assert.That(() => Tensor.From(new[] { 1f, 2, 3, -1 }, [2, 2]).Multinomial(1, generator), Throws.ArgumentException.With.Message.Contains("at [1, 1]").And.Message.Contains("logits"));
        Assert.That(() => Tensor.From(1f, float.NaN).Multinomial(1, generator), Throws.ArgumentException.With.Message.Contains("at [1]"));
        Assert.That(() => Tensor.From(1f, float.PositiveInfinity).Multinomial(1, generator), Throws.ArgumentException);
        Assert.That(() => Tensor.Zeros([2, 3]).Multinomial(1, generator), Throws.ArgumentException.With.Message.Contains("one of each row positive"));
        Assert.That(() => Tensor.From(1f, 0, 2).Multinomial(3, generator, replacement: false), Throws.ArgumentException.With.Message.Contains("3 of each row positive"));
        Assert.That(() => Tensor.Ones([2]).Multinomial(3, generator, replacement: false), Throws.ArgumentException.With.Message.Contains("draw with replacement"));
        Assert.That(() => Tensor.Scalar(1).Multinomial(3, generator), Throws.TypeOf<ShapeException>());
        Assert.That(() => Tensor.Ones([2], DType.Int64).Multinomial(1, generator), Throws.TypeOf<DTypeException>());
        Assert.That(() => Tensor.Ones([2]).Categorical(generator, -1), Throws.ArgumentException.With.Message.Contains("temperature"));
        Assert.That(() => Tensor.Ones([2]).GumbelSoftmax(generator, 0), Throws.ArgumentException.With.Message.Contains("temperature"));
        Assert.That(Tensor.Ones([0, 3]).Multinomial(2, generator).Shape, Is.EqualTo((Shape)(long[])[0, 2]));
    }
}
