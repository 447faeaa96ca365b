using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Reductions against folds in double precision, for every set of axes and kind of layout.</summary>
public sealed class ReductionTests
{
    /// <summary>How the operand lies in memory.</summary>
    public enum Layouts { RowMajor, Permuted, Strided, Expanded }

    private static readonly (string Name, Func<Tensor, int[], bool, Tensor> Ours, Func<double[], double> Reference)[] _folds =
    [
        ("Sum", (x, axes, keep) => x.Sum(axes, keep), v => v.Sum()),
        ("Mean", (x, axes, keep) => x.Mean(axes, keep), v => v.Average()),
        ("Max", (x, axes, keep) => x.Max(axes, keep), v => v.Max()),
        ("Min", (x, axes, keep) => x.Min(axes, keep), v => v.Min()),
        ("Prod", (x, axes, keep) => x.Prod(axes, keep), v => v.Aggregate(1.0, (a, b) => a * b)),
        ("Variance", (x, axes, keep) => x.Variance(axes, 0, keep), v => v.Average(e => (e - v.Average()) * (e - v.Average()))),
        ("LogSumExp", (x, axes, keep) => x.LogSumExp(axes, keep), v => Math.Log(v.Sum(Math.Exp))),
        ("Norm", (x, axes, keep) => x.Norm(axes, 2, keep), v => Math.Sqrt(v.Sum(e => e * e))),
        ("Norm1", (x, axes, keep) => x.Norm(axes, 1, keep), v => v.Sum(Math.Abs)),
        ("Norm3", (x, axes, keep) => x.Norm(axes, 3, keep), v => Math.Cbrt(v.Sum(e => Math.Abs(e * e * e)))),
        ("NormMax", (x, axes, keep) => x.Norm(axes, double.PositiveInfinity, keep), v => v.Max(Math.Abs)),
    ];

    [Test]
    public void Every_fold_agrees_with_double_precision([Values] Layouts layout, [Values(DType.Float32, DType.Float64)] DType dtype,
        [Values("3x5x7", "2x3x4x33", "70x9", "5x1100", "300x3", "1x17", "6")] string size)
    {
        using TensorScope scope = new();
        Tensor x = Make(size, layout, dtype, out double[] values);
        for (int set = 0; set < 1 << x.Rank; set++)
        {
            int[] axes = [.. Enumerable.Range(0, x.Rank).Where(d => (set >> d & 1) != 0)];
            double[][] groups = Groups(x.Shape, axes, values);
            foreach (var fold in _folds)
            {
                double[] expected = [.. groups.Select(fold.Reference)];
                Tensor y = fold.Ours(x, axes, set % 2 == 0);
                double scale = Math.Max(expected.Max(Math.Abs), 1e-3), tolerance = scale * (dtype == DType.Float32 ? 2e-6 : 1e-14);
                Assert.That(Doubles(y), Is.EqualTo(expected).Within(tolerance), $"{fold.Name} over [{string.Join(", ", axes)}] of {x.Shape}");
                Assert.That(y.Rank, Is.EqualTo(set % 2 == 0 ? x.Rank : x.Rank - axes.Length));
            }
        }
    }

    [Test]
    public void Long_sums_in_single_precision_are_exact_to_the_last_bits([Values("3000000", "3x1000000", "1000000x3", "40000x70")] string size)
    {
        using TensorScope scope = new();
        Tensor x = Make(size, Layouts.RowMajor, DType.Float32, out double[] values);
        Tensor all = (x + 1).Sum();
        Assert.That(all.ToDouble(), Is.EqualTo(values.Sum(v => (double)((float)v + 1f))).Within(1));
        Tensor columns = (x + 1).Sum(axis: 0, keepDimensions: true);
        double[] expected = [.. Groups(x.Shape, [0], values).Select(g => g.Sum(v => (double)((float)v + 1f)))];
        double scale = expected.Max();
        Assert.That(Doubles(columns), Is.EqualTo(expected).Within(scale * 3e-7));
    }

    [Test]
    public void Sums_do_not_depend_on_the_number_of_threads([Values("3000000", "70x50000", "50000x70", "1500x1500")] string size)
    {
        using TensorScope scope = new();
        Tensor x = Make(size, Layouts.RowMajor, DType.Float32, out _);
        Tensor[] Results() => [x.Sum(), x.Sum(0), x.Variance(), x.LogSumExp(-1)];
        Threads.ChangeNoBit(() => Array.ConvertAll(Results(), y => y.ToArray<float>()), 1, 2, 3, 5);
    }

    [Test]
    public void Variance_does_not_suffer_from_a_large_mean()
    {
        using TensorScope scope = new();
        float[] values = [.. Enumerable.Range(0, 10_000).Select(i => 4096 + (i % 2 == 0 ? 0.25f : -0.25f))];
        Assert.That(Tensor.From(values).Variance(correction: 0).ToDouble(), Is.EqualTo(0.0625).Within(1e-8));
        Assert.That(Tensor.From(values).StandardDeviation().ToDouble(), Is.EqualTo(0.25 * Math.Sqrt(10_000 / 9_999.0)).Within(1e-7));
        Assert.That(Tensor.From(1f).Variance().ToDouble(), Is.NaN);
    }

    [Test]
    public void NaN_reaches_maxima_minima_and_sums_wherever_it_stands()
    {
        using TensorScope scope = new();
        foreach (int n in new[] { 1, 5, 16, 17, 64, 65, 1000 })
        {
            for (int at = 0; at < n; at += Math.Max(1, n / 7))
            {
                float[] values = [.. Enumerable.Range(0, n).Select(i => (float)i)];
                values[at] = float.NaN;
                Tensor row = Tensor.From(values), column = Tensor.From(values, [n, 1]).Expand([n, 3]).Copy();
                foreach (Tensor y in new[] { row.Max(), row.Min(), row.Sum(), row.LogSumExp(), column.Max(0), column.Min(0) })
                    Assert.That(Doubles(y), Is.All.NaN);
                Assert.That(row.ArgMax().ToDouble(), Is.EqualTo(at));
                Assert.That(row.ArgMin().ToDouble(), Is.EqualTo(at));
                Assert.That(column.ArgMax(0).ToArray<long>(), Is.All.EqualTo(at));
            }
        }
    }

    [Test]
    public void LogSumExp_neither_overflows_nor_underflows()
    {
        using TensorScope scope = new();
        Assert.That(Tensor.From(1000f, 1000f).LogSumExp().ToDouble(), Is.EqualTo(1000 + Math.Log(2)).Within(1e-4));
        Assert.That(Tensor.From(-1000f, -1000f).LogSumExp().ToDouble(), Is.EqualTo(-1000 + Math.Log(2)).Within(1e-4));
        Assert.That(Tensor.From(float.NegativeInfinity, float.NegativeInfinity).LogSumExp().ToDouble(), Is.EqualTo(double.NegativeInfinity));
        Assert.That(Tensor.From(float.PositiveInfinity, 0f).LogSumExp().ToDouble(), Is.EqualTo(double.PositiveInfinity));
        Assert.That(Tensor.From(float.NegativeInfinity, 0f).LogSumExp().ToDouble(), Is.Zero);
    }

    [Test]
    public void Nothing_sums_to_zero_multiplies_to_one_and_has_no_maximum()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Empty([3, 0]);
        Assert.That(x.Sum(1).ToArray<float>(), Is.EqualTo(new float[3]));
        Assert.That(x.Prod(1).ToArray<float>(), Is.EqualTo(new float[] { 1, 1, 1 }));
        Assert.That(x.Mean(1).ToArray<float>(), Is.All.NaN);
        Assert.That(x.LogSumExp(1).ToArray<float>(), Is.All.EqualTo(float.NegativeInfinity));
        Assert.That(x.Sum(0).Count, Is.Zero);
        Assert.That(x.Max(0).Count, Is.Zero);
        Assert.That(() => x.Max(1), Throws.TypeOf<ShapeException>().With.Message.Contains("Max: dimension 1 of [3, 0] has no elements"));
        Assert.That(() => x.ArgMin(1), Throws.TypeOf<ShapeException>().With.Message.Contains("ArgMin"));
        Assert.That(x.ArgMax(0).Count, Is.Zero);
        Assert.That(x.All().ToArray<bool>(), Is.EqualTo(new[] { true }));
        Assert.That(x.Any().ToArray<bool>(), Is.EqualTo(new[] { false }));
    }

    [Test]
    public void Integers_fold_in_64_bits()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From(new[,] { { int.MaxValue, 1, 2 }, { int.MaxValue, 1, -5 } });
        Assert.That(x.Sum(0).ToArray<long>(), Is.EqualTo(new[] { 2L * int.MaxValue, 2, -3 }));
        Assert.That(x.Sum(1).ToArray<long>(), Is.EqualTo(new[] { int.MaxValue + 3L, int.MaxValue - 4L }));
        Assert.That(x.Max(1).ToArray<int>(), Is.EqualTo(new[] { int.MaxValue, int.MaxValue }));
        Assert.That(x.Transpose().Min(0).ToArray<int>(), Is.EqualTo(new[] { 1, -5 }));
        Assert.That(x.Prod(1).ToArray<long>(), Is.EqualTo(new[] { 2L * int.MaxValue, -5L * int.MaxValue }));
        Assert.That(x.ArgMax(0).ToArray<long>(), Is.EqualTo(new[] { 0L, 0, 0 }));
        Assert.That(x.ArgMin(1).ToArray<long>(), Is.EqualTo(new[] { 1L, 2 }));
        Tensor truth = Tensor.From(new[,] { { true, false, true }, { true, false, false } });
        Assert.That(truth.Sum().ToArray<long>(), Is.EqualTo(new[] { 3L }));
        Assert.That(truth.Any(0).ToArray<bool>(), Is.EqualTo(new[] { true, false, true }));
        Assert.That(truth.All(0).ToArray<bool>(), Is.EqualTo(new[] { true, false, false }));
        Assert.That(Tensor.From(0f, -0f, 0.25f, float.NaN).CountNonzero().ToArray<long>(), Is.EqualTo(new[] { 2L }));
        Assert.That(() => x.Mean(), Throws.TypeOf<DTypeException>().With.Message.Contains("Mean").And.Message.Contains("Cast"));
    }

    [Test]
    public void ArgMax_finds_the_first_of_equals([Values("4x1", "5x16", "7x100", "3x4x5", "2x3x1500")] string size, [Values] bool integers)
    {
        using TensorScope scope = new();
        long[] lengths = [.. size.Split('x').Select(long.Parse)];
        Random random = new(3);
        int[] whole = [.. Enumerable.Range(0, (int)((Shape)lengths).Count).Select(_ => random.Next(-3, 4))];
        Tensor x = integers ? Tensor.From(whole, lengths) : Tensor.From(Array.ConvertAll(whole, v => (float)v), lengths);
        for (int axis = 0; axis < lengths.Length; axis++)
        {
            double[][] groups = Groups(x.Shape, [axis], Array.ConvertAll(whole, v => (double)v));
            Assert.That(x.ArgMax(axis).ToArray<long>(), Is.EqualTo(groups.Select(g => (long)Array.IndexOf(g, g.Max()))));
            Assert.That(x.ArgMin(axis, keepDimensions: true).ToArray<long>(), Is.EqualTo(groups.Select(g => (long)Array.IndexOf(g, g.Min()))));
        }

        Assert.That(x.ArgMax().ToDouble(), Is.EqualTo(Array.IndexOf(whole, whole.Max())));
    }

    [Test]
    public void Wrong_axes_are_refused_with_the_shape()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([2, 3]);
        Assert.That(() => x.Sum(2), Throws.TypeOf<ShapeException>().With.Message.Contains("Sum: shape [2, 3] has no dimension 2"));
        Assert.That(() => x.Sum([0, -2]), Throws.TypeOf<ShapeException>().With.Message.Contains("Sum: axes [0, 0]"));
        Assert.That(() => x.Norm(p: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Elements_that_are_largest_together_share_the_gradient()
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.From(new[,] { { 1f, 3, 3, 0 }, { 5, -1, 2, 0 } }));
        Tensor gradient = tape.Gradients((x.Max(1) * Tensor.From(4f, 7)).Sum(), [x])[0];
        Assert.That(gradient.ToArray<float>(), Is.EqualTo(new[] { 0f, 2, 2, 0, 7, 0, 0, 0 }));
    }

    [TestCase(2, 0.6f, 0.8f)]
    [TestCase(1, 1, 1)]
    [TestCase(double.PositiveInfinity, 0, 1)]
    [TestCase(4, 0.3433f, 0.8137f)]
    public void The_gradient_of_a_norm_is_zero_at_zero(double p, float first, float second)
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.From(new[,] { { 0f, 0 }, { 3, 4 } }));
        Tensor gradient = tape.Gradients(x.Norm(1, p).Sum(), [x])[0];
        Assert.That(gradient.ToArray<float>(), Is.EqualTo(new[] { 0f, 0, first, second }).Within(1e-4));
    }

    [Test]
    public void SumTo_undoes_broadcasting_of_any_layout([Values] Layouts layout)
    {
        using TensorScope scope = new();
        Tensor x = Make("4x3x70", layout, DType.Float64, out double[] values);
        Assert.That(Doubles(x.SumTo([3, 1])), Is.EqualTo(Groups(x.Shape, [0, 2], values).Select(g => g.Sum())).Within(1e-12));
        Assert.That(Doubles(x.SumTo([1, 70])), Is.EqualTo(Groups(x.Shape, [0, 1], values).Select(g => g.Sum())).Within(1e-12));
        Assert.That(x.SumTo([]).ToDouble(), Is.EqualTo(values.Sum()).Within(1e-12));
    }

    [Test]
    public void A_reduction_writes_into_a_tensor_of_any_layout()
    {
        using TensorScope scope = new();
        Tensor x = Make("5x6x4", Layouts.RowMajor, DType.Float32, out double[] values), y = Tensor.Zeros([4, 5]).Transpose();
        new Reduce<Sum>([1], false).ExecuteInto(y, x);
        Assert.That(Doubles(y), Is.EqualTo(Groups(x.Shape, [1], values).Select(g => g.Sum())).Within(1e-5));
    }

    private static Tensor Make(string size, Layouts layout, DType dtype, out double[] values)
    {
        long[] lengths = [.. size.Split('x').Select(long.Parse)];
        Random random = new(17);
        Tensor Fresh(Shape shape)
        {
            float[] numbers = [.. Enumerable.Range(0, (int)shape.Count).Select(_ => random.NextSingle() * 2 - 1)];
            return dtype == DType.Float32 ? Tensor.From(numbers, shape) : Tensor.From(Array.ConvertAll(numbers, v => (double)v), shape);
        }

        int rank = lengths.Length;
        Tensor x = layout switch
        {
            Layouts.RowMajor => Fresh(lengths),
            Layouts.Permuted => Fresh((long[])[.. lengths.Reverse()]).Permute([.. Enumerable.Range(0, rank).Reverse()]),
            Layouts.Strided => Fresh((long[])[.. lengths[..^1], 2 * lengths[^1] + 1]).Slice(-1, 2 * lengths[^1] - 1, lengths[^1], -2),
            _ => Fresh((long[])[.. lengths.Select((n, d) => d % 2 == 0 ? 1 : n)]).Expand(lengths),
        };
        values = Doubles(x);
        return x;
    }

    private static double[] Doubles(Tensor x) => x.DType == DType.Float32 ? Array.ConvertAll(x.ToArray<float>(), v => (double)v) : x.ToArray<double>();

    /// <summary>The elements that fold to each result, in row-major order.</summary>
    private static double[][] Groups(Shape shape, int[] axes, double[] values)
    {
        SortedDictionary<long, List<double>> groups = [];
        for (long i = 0; i < values.Length; i++)
        {
            long rest = i, key = 0, scale = 1;
            for (int d = shape.Rank - 1; d >= 0; d--)
            {
                if (!axes.Contains(d))
                {
                    key += rest % shape[d] * scale;
                    scale *= shape[d];
                }

                rest /= shape[d];
            }

            if (!groups.TryGetValue(key, out List<double>? group)) groups[key] = group = [];
            group.Add(values[i]);
        }

        return [.. groups.Values.Select(g => g.ToArray())];
    }
}
