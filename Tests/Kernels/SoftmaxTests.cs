using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Softmax, log-softmax and cross-entropy against their formulas in double precision.</summary>
public sealed class SoftmaxTests
{
    [Test]
    public void Lines_of_every_length_and_position([Values("3x1", "4x7", "5x16", "2x17", "3x33x2", "2x300x5", "7x3x19", "70x1000")] string size, [Values] bool permuted, [Values(DType.Float32, DType.Float64)] DType dtype)
    {
        using TensorScope scope = new();
        Tensor x = Make(size, dtype, permuted, out double[] values);
        double tolerance = dtype == DType.Float32 ? 5e-7 : 1e-15;
        for (int axis = 0; axis < x.Rank; axis++)
        {
            double[] log = Reference(values, x.Shape, axis);
            Assert.That(Doubles(x.LogSoftmax(axis)), Is.EqualTo(log).Within(tolerance * 20));
            Assert.That(Doubles(x.Softmax(axis - x.Rank)), Is.EqualTo(Array.ConvertAll(log, Math.Exp)).Within(tolerance * 4));
        }
    }

    [Test]
    public void Huge_logits_neither_overflow_nor_lose_the_small_ones()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From(new[,] { { 1e4f, -1e4f, 1e4f }, { -1e4f, -1e4f - 1, -2e4f } });
        Assert.That(x.Softmax().ToArray<float>(), Is.EqualTo(new[] { 0.5f, 0, 0.5f, 0.7310586f, 0.26894143f, 0 }).Within(1e-6));
        Assert.That(x.LogSoftmax().ToArray<float>(), Is.EqualTo(new[] { -0.6931472f, -20000.693f, -0.6931472f, -0.3132617f, -1.3132617f, -10000.313f }).Within(1e-4).Percent);
        Assert.That(x.CrossEntropy(Tensor.From(0L, 0), reduction: Reduction.None).ToArray<float>(), Is.EqualTo(new[] { 0.6931472f, 0.3132617f }).Within(1e-6));
        Assert.That(Tensor.From(0, float.NegativeInfinity).Softmax().ToArray<float>(), Is.EqualTo(new[] { 1f, 0 }));
    }

    [Test]
    public void A_NaN_spoils_its_line_and_no_other([Values(1, 5, 16, 40)] int n)
    {
        using TensorScope scope = new();
        float[] values = new float[3 * n];
        values[n + n / 2] = float.NaN;
        foreach (Tensor y in new[] { Tensor.From(values, [3, n]).Softmax(), Tensor.From(values, [3, n]).LogSoftmax() })
        {
            float[] rows = y.ToArray<float>();
            Assert.That(rows[n..(2 * n)], Is.All.NaN);
            Assert.That(rows[..n].Concat(rows[(2 * n)..]), Is.All.Not.NaN);
        }
    }

    [Test]
    public void Cross_entropy_agrees_with_its_formula([Values("6x5", "9x33", "4x3x7", "2x17x3x3")] string size, [Values] bool weighted, [Values(0, 0.15)] double smoothing,
        [Values] Reduction reduction, [Values(DType.Float32, DType.Float64)] DType dtype)
    {
        using TensorScope scope = new();
        Tensor x = Make(size, dtype, permuted: true, out double[] values);
        long[] lengths = x.Shape.Span.ToArray();
        long classes = lengths[1];
        long[] targets = [.. Enumerable.Range(0, (int)(x.Count / classes)).Select(i => i % 4 == 3 ? -7 : i * 5L % classes)];
        double[] w = [.. Enumerable.Range(0, (int)classes).Select(c => weighted ? 0.5 + 0.25 * (c % 5) : 1)];
        double[] log = Reference(values, x.Shape, 1);
        long inner = x.Count / lengths[0] / classes;
        double[] losses = new double[targets.Length];
        double total = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            if (targets[i] < 0) continue;
            total += w[targets[i]];
            for (long c = 0; c < classes; c++)
                losses[i] -= ((c == targets[i] ? (1 - smoothing) * w[c] : 0) + smoothing / classes * w[c]) * log[i / inner * classes * inner + c * inner + i % inner];
        }

        double[] expected = reduction switch { Reduction.None => losses, Reduction.Sum => [losses.Sum()], _ => [losses.Sum() / total] };
        Tensor weights = dtype == DType.Float32 ? Tensor.From(Array.ConvertAll(w, v => (float)v)) : Tensor.From(w);
        Tensor y = x.CrossEntropy(Tensor.From(targets, [lengths[0], .. lengths[2..]]), weighted ? weights : null, -7, smoothing, reduction);
        Assert.That(Doubles(y), Is.EqualTo(expected).Within(expected.Max(Math.Abs) * (dtype == DType.Float32 ? 1e-6 : 1e-14)));
    }

    [Test]
    public void The_gradient_of_a_cross_entropy_is_probability_minus_target()
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Make("5x40", DType.Float64, false, out double[] values));
        long[] targets = [3, 0, 39, -100, 7];
        Tensor gradient = tape.Gradients(x.CrossEntropy(Tensor.From(targets)), [x])[0];
        double[] expected = Array.ConvertAll(Reference(values, x.Shape, 1), Math.Exp);
        for (int i = 0; i < 200; i++) expected[i] = targets[i / 40] < 0 ? 0 : (expected[i] - (targets[i / 40] == i % 40 ? 1 : 0)) / 4;
        Assert.That(gradient.ToArray<double>(), Is.EqualTo(expected).Within(1e-15));
    }

    [Test]
    public void Cross_entropy_with_one_hot_probabilities_is_the_same_loss()
    {
        using TensorScope scope = new();
        Tensor x = Make("4x3x5", DType.Float64, false, out _);
        long[] targets = [.. Enumerable.Range(0, 20).Select(i => i % 3L)];
        double[] oneHot = new double[60];
        for (int i = 0; i < 20; i++) oneHot[i / 5 * 15 + targets[i] * 5 + i % 5] = 1;
        Assert.That(x.SoftCrossEntropy(Tensor.From(oneHot, [4, 3, 5])).ToDouble(), Is.EqualTo(x.CrossEntropy(Tensor.From(targets, [4, 5])).ToDouble()).Within(1e-14));
    }

    [Test]
    public void Cross_entropy_names_the_position_of_a_bad_target()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([2, 3, 4]);
        long[] targets = [0, 1, 2, 0, 1, 2, 3, 0];
        Assert.That(() => x.CrossEntropy(Tensor.From(targets, [2, 4])), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("targets[1, 2] is 3, but the logits have 3 classes"));
        Assert.That(() => x.CrossEntropy(Tensor.From(targets, [8])), Throws.TypeOf<ShapeException>().With.Message.Contains("logits [2, 3, 4] and targets [8]"));
        Assert.That(() => x.CrossEntropy(Tensor.Zeros([2, 4])), Throws.TypeOf<DTypeException>().With.Message.Contains("Int64"));
        Assert.That(() => x.CrossEntropy(Tensor.Zeros([2, 4], DType.Int64), Tensor.Ones([4])), Throws.TypeOf<ShapeException>().With.Message.Contains("class weights [4] must be [3]"));
        Assert.That(() => x.CrossEntropy(Tensor.Zeros([2, 4], DType.Int64), labelSmoothing: 2), Throws.ArgumentException);
        Assert.That(() => x.Softmax(3), Throws.TypeOf<ShapeException>().With.Message.Contains("Softmax"));
    }

    [Test]
    public void Only_ignored_samples_sum_to_zero_and_have_no_mean()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([2, 3]), targets = Tensor.From(-100L, -100);
        Assert.That(x.CrossEntropy(targets, reduction: Reduction.Sum).ToDouble(), Is.Zero);
        Assert.That(x.CrossEntropy(targets).ToDouble(), Is.NaN);
    }

    [Test]
    public void Class_weights_that_want_a_gradient_are_refused()
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.Zeros([2, 3])), w = tape.Watch(Tensor.Ones([3]));
        Tensor loss = x.CrossEntropy(Tensor.From(0L, 1), w);
        Assert.That(() => tape.Gradients(loss, [x]), Throws.TypeOf<TapeException>().With.Message.Contains("weights.Detach()"));
    }

    private static Tensor Make(string size, DType dtype, bool permuted, out double[] values)
    {
        long[] lengths = [.. size.Split('x').Select(long.Parse)];
        Random random = new(17);
        float[] numbers = [.. Enumerable.Range(0, (int)((Shape)lengths).Count).Select(_ => random.NextSingle() * 8 - 4)];
        long[] stored = permuted ? [.. lengths.Reverse()] : lengths;
        Tensor x = dtype == DType.Float32 ? Tensor.From(numbers, stored) : Tensor.From(Array.ConvertAll(numbers, v => (double)v), stored);
        if (permuted) x = x.Permute([.. Enumerable.Range(0, lengths.Length).Reverse()]);
        values = Doubles(x);
        return x;
    }

    private static double[] Doubles(Tensor x) => x.DType == DType.Float32 ? Array.ConvertAll(x.ToArray<float>(), v => (double)v) : x.ToArray<double>();

    private static double[] Reference(double[] x, Shape shape, int axis)
    {
        long inner = 1;
        for (int d = axis + 1; d < shape.Rank; d++) inner *= shape[d];
        long n = shape[axis];
        double[] y = new double[x.Length];
        for (long line = 0; line < x.Length / n; line++)
        {
            long start = line / inner * n * inner + line % inner;
            double sum = 0;
            for (long k = 0; k < n; k++) sum += Math.Exp(x[start + k * inner]);
            for (long k = 0; k < n; k++) y[start + k * inner] = x[start + k * inner] - Math.Log(sum);
        }

        return y;
    }

    [Test]
    public void Targets_like_probabilities_are_sent_to_the_soft_loss()
    {
        using Tensor x = Tensor.Ones([2, 3]);
        Assert.That(() => x.CrossEntropy(x), Throws.TypeOf<DTypeException>().With.Message.Contains("Use SoftCrossEntropy"));
    }
}
