using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Sorting, selection and cumulative sums against LINQ.</summary>
public sealed class OrderingTests
{
    [Test]
    public void Sorting_is_stable_and_puts_NaN_last([Values(1, 2, 16, 17, 100, 3000)] int n, [Values] bool descending)
    {
        using TensorScope scope = new();
        Random random = new(n);
        float[] x = [.. Enumerable.Range(0, n).Select(i => i % 7 == 3 ? float.NaN : i % 11 == 0 ? -0f : random.Next(-5, 6) * 0.5f)];
        var order = Enumerable.Range(0, n).OrderBy(i => float.IsNaN(x[i]) ? 1 : 0).ThenBy(i => float.IsNaN(x[i]) ? 0 : descending ? -x[i] : x[i]).Select(i => (long)i).ToArray();
        (Tensor values, Tensor indices) = Tensor.From(x).Sort(descending: descending);
        Assert.That(indices.ToArray<long>(), Is.EqualTo(order));
        Assert.That(values.ToArray<float>(), Is.EqualTo(order.Select(i => x[i])));
        for (int k = 0; k <= n; k += Math.Max(1, n / 9))
            Assert.That(Tensor.From(x).TopK(k, largest: descending).Indices.ToArray<long>(), Is.EqualTo(order[..k]), $"the first {k}");
    }

    [Test]
    public void Infinities_and_extremes_sort_to_the_ends()
    {
        using TensorScope scope = new();
        double[] x = [1, double.NegativeInfinity, double.MaxValue, double.NaN, -double.Epsilon, double.PositiveInfinity, 0, double.MinValue];
        Assert.That(Tensor.From(x).ArgSort().ToArray<long>(), Is.EqualTo(new long[] { 1, 7, 4, 6, 0, 2, 5, 3 }));
        Assert.That(Tensor.From(x).ArgSort(descending: true).ToArray<long>(), Is.EqualTo(new long[] { 5, 2, 0, 6, 4, 7, 1, 3 }));
        Assert.That(Tensor.From(3L, long.MinValue, long.MaxValue, -1).ArgSort(descending: true).ToArray<long>(), Is.EqualTo(new long[] { 2, 0, 3, 1 }));
        Assert.That(Tensor.From(true, false, true).ArgSort().ToArray<long>(), Is.EqualTo(new long[] { 1, 0, 2 }));
    }

    [Test]
    public void Any_dimension_of_any_layout_is_sorted([Values(0, 1, -1)] int axis)
    {
        using TensorScope scope = new();
        Random random = new(1);
        Tensor x = Tensor.From(Enumerable.Range(0, 60).Select(_ => random.NextDouble()).ToArray(), [5, 4, 3]).Permute(2, 0, 1);
        double[] sorted = x.Sort(axis).Values.ToArray<double>(), values = x.ToArray<double>();
        int at = axis < 0 ? axis + 3 : axis;
        int[] lengths = [3, 5, 4], strides = [20, 4, 1];
        for (int line = 0; line < 60; line++)
        {
            if (line / strides[at] % lengths[at] != 0) continue;
            double[] expected = [.. Enumerable.Range(0, lengths[at]).Select(i => values[line + i * strides[at]]).Order()];
            Assert.That(Enumerable.Range(0, lengths[at]).Select(i => sorted[line + i * strides[at]]), Is.EqualTo(expected));
        }
    }

    [Test]
    public void The_gradient_of_a_selection_goes_back_to_where_it_stood()
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.From(new[,] { { 1f, 5, 3, 4 }, { 9, 2, 8, 7 } }));
        Tensor gradient = tape.Gradients((x.TopK(2).Values * Tensor.From(10f, 1)).Sum(), [x])[0];
        Assert.That(gradient.ToArray<float>(), Is.EqualTo(new[] { 0f, 10, 0, 1, 10, 0, 1, 0 }));
        Assert.That(() => x.TopK(5), Throws.TypeOf<ShapeException>().With.Message.Contains("TopK: k is 5, but dimension 1 of [2, 4] has 4"));
    }

    [Test]
    public void Cumulative_sums_run_along_any_dimension([Values("100", "3x70", "70x3", "4x5x6", "2x3x150")] string size, [Values] bool reversed, [Values] bool integers)
    {
        using TensorScope scope = new();
        long[] lengths = [.. size.Split('x').Select(long.Parse)];
        Random random = new(2);
        int[] whole = [.. Enumerable.Range(0, (int)((Shape)lengths).Count).Select(_ => random.Next(-9, 10))];
        Tensor x = integers ? Tensor.From(whole, lengths) : Tensor.From(Array.ConvertAll(whole, v => (float)v), lengths);
        for (int axis = 0; axis < lengths.Length; axis++)
        {
            long inner = 1, n = lengths[axis];
            for (int d = axis + 1; d < lengths.Length; d++) inner *= lengths[d];
            double[] expected = new double[whole.Length];
            for (int i = 0; i < whole.Length; i++)
            {
                long position = i / inner % n;
                for (long j = reversed ? position : 0; j < (reversed ? n : position + 1); j++) expected[i] += whole[i + (j - position) * inner];
            }

            Tensor y = x.CumulativeSum(axis, reversed);
            Assert.That(integers ? y.ToArray<long>().Select(v => (double)v) : y.ToArray<float>().Select(v => (double)v), Is.EqualTo(expected));
        }
    }

    [Test]
    public void Long_cumulative_sums_keep_their_accuracy()
    {
        using TensorScope scope = new();
        float[] y = Tensor.Full([1_000_000], 0.1).CumulativeSum(0).ToArray<float>();
        Assert.That(y[^1], Is.EqualTo(1_000_000 * (double)0.1f).Within(0.01));
    }
}
