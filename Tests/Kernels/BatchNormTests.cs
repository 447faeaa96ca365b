using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Batch normalisation against its formula in double precision.</summary>
public sealed class BatchNormTests
{
    [Test]
    public void Every_channel_gets_mean_zero_and_variance_one([Values("6x3", "40x33", "4x3x5", "5x2x33", "3x17x4x4", "2x3x16x20")] string size, [Values] bool affine, [Values] bool permuted,
        [Values(DType.Float32, DType.Float64)] DType dtype)
    {
        using TensorScope scope = new();
        Tensor x = Make(size, dtype, permuted, out double[] values);
        long channels = x.Shape[1], inner = x.Count / x.Shape[0] / channels;
        double[] scale = [.. Enumerable.Range(0, (int)channels).Select(c => affine ? 0.5 + c % 3 : 1.0)], shift = [.. scale.Select(s => affine ? s - 2 : 0)];
        double[][] groups = [.. Enumerable.Range(0, (int)channels).Select(c => values.Where((_, i) => i / inner % channels == c).ToArray())];
        double[] means = [.. groups.Select(g => g.Average())], variances = [.. groups.Select((g, c) => g.Average(v => (v - means[c]) * (v - means[c])))];
        double[] expected = [.. values.Select((v, i) =>
        {
            long c = i / inner % channels;
            return scale[c] * (v - means[c]) / Math.Sqrt(variances[c] + 0.01) + shift[c];
        })];
        double tolerance = dtype == DType.Float32 ? 2e-6 : 1e-14;
        var (y, mean, variance) = affine ? x.BatchNorm(Of(scale, dtype), Of(shift, dtype), 0.01) : x.BatchNorm(epsilon: 0.01);
        Assert.That(Doubles(mean), Is.EqualTo(means).Within(tolerance * 10));
        Assert.That(Doubles(variance), Is.EqualTo(variances).Within(tolerance));
        Assert.That(Doubles(y), Is.EqualTo(expected).Within(tolerance * 5));
        Tensor again = affine ? x.BatchNormInference(mean, variance, Of(scale, dtype), Of(shift, dtype), 0.01) : x.BatchNormInference(mean, variance, epsilon: 0.01);
        Assert.That(Doubles(again), Is.EqualTo(expected).Within(tolerance * 5));
    }

    [Test]
    public void The_fused_backward_pass_equals_the_composed_one([Values("7x5", "3x4x5x5")] string size)
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Make(size, DType.Float64, false, out _)), weights = Make(size, DType.Float64, true, out _);
        double[] numbers = [.. Enumerable.Range(0, (int)x.Shape[1]).Select(c => 0.5 + 0.3 * c)];
        Tensor scale = tape.Watch(Of(numbers, DType.Float64)), shift = tape.Watch(Of(numbers, DType.Float64));
        Tensor loss = (x.BatchNorm(scale, shift).Y.Square() * weights).Sum();
        Tensor[] fused = tape.Gradients(loss, [x, scale, shift]), composed = tape.Gradients(loss, [x, scale, shift], createGraph: true);
        for (int i = 0; i < 3; i++) Assert.That(Doubles(fused[i]), Is.EqualTo(Doubles(composed[i])).Within(1e-11));
    }

    [Test]
    public void A_constant_channel_becomes_the_shift()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Full([4, 2, 3], 1000);
        Assert.That(x.BatchNorm(Tensor.From(2f, 3), Tensor.From(-1f, 5)).Y.Select(1, 1).ToArray<float>(), Is.All.EqualTo(5f));
    }

    [Test]
    public void Wrong_shapes_are_refused_with_the_rule()
    {
        using TensorScope scope = new();
        Assert.That(() => Tensor.Zeros([1, 3]).BatchNorm(), Throws.TypeOf<ShapeException>().With.Message.Contains("[1, 3] has 1 elements per channel"));
        Assert.That(() => Tensor.Zeros([3]).BatchNorm(), Throws.TypeOf<ShapeException>().With.Message.Contains("[N, C]"));
        Assert.That(() => Tensor.Zeros([4, 3]).BatchNorm(Tensor.Ones([2]), Tensor.Ones([3])), Throws.TypeOf<ShapeException>().With.Message.Contains("scale [2] must be [3]"));
        Assert.That(() => Tensor.Zeros([4, 3]).BatchNorm(Tensor.Ones([3])), Throws.ArgumentException.With.Message.Contains("shift is missing"));
        Assert.That(() => Tensor.Zeros([4, 3]).BatchNormInference(Tensor.Ones([3]), Tensor.Ones([3], DType.Float64)), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void Results_do_not_depend_on_the_number_of_threads([Values("64x70", "40x8x30x30")] string size)
    {
        using TensorScope scope = new();
        Tensor x = Make(size, DType.Float32, false, out _);
        Threads.ChangeNoBit(() => x.BatchNorm().Y.ToArray<float>(), 1, 2, 3);
    }

    private static Tensor Of(double[] values, DType dtype) => dtype == DType.Float32 ? Tensor.From(Array.ConvertAll(values, v => (float)v)) : Tensor.From(values);

    private static Tensor Make(string size, DType dtype, bool permuted, out double[] values)
    {
        long[] lengths = [.. size.Split('x').Select(long.Parse)];
        Random random = new(17);
        double[] numbers = [.. Enumerable.Range(0, (int)((Shape)lengths).Count).Select(_ => (double)(random.NextSingle() * 2 + 1))];
        Tensor x = Of(numbers, dtype).Reshape((Shape)(permuted ? [.. lengths.Reverse()] : lengths));
        if (permuted) x = x.Permute([.. Enumerable.Range(0, lengths.Length).Reverse()]);
        values = Doubles(x);
        return x;
    }

    private static double[] Doubles(Tensor x) => x.DType == DType.Float32 ? Array.ConvertAll(x.ToArray<float>(), v => (double)v) : x.ToArray<double>();
}
