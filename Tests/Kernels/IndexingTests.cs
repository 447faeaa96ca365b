using NUnit.Framework;

namespace Gradwright.Tests.Kernels;

/// <summary>Index expressions and the ops behind them, against loops over arrays.</summary>
public sealed class IndexingTests
{
    /// <summary>Element [i, j, k] is 100 i + 10 j + k.</summary>
    private static Tensor Numbered(int a, int b, int c)
    {
        float[] values = new float[a * b * c];
        for (int i = 0; i < values.Length; i++) values[i] = 100 * (i / (b * c)) + 10 * (i / c % b) + i % c;
        return Tensor.From(values, [a, b, c]);
    }

    private static void AssertIs(Tensor actual, Shape shape, params float[] values)
    {
        Assert.That(actual.Shape, Is.EqualTo(shape));
        Assert.That(actual.ToArray<float>(), Is.EqualTo(values));
    }

    [Test]
    public void Positions_drop_dimensions_and_ranges_keep_them()
    {
        using TensorScope scope = new();
        Tensor x = Numbered(3, 4, 5);
        AssertIs(x[2, ^1, 0], [], 230);
        AssertIs(x[-1, -2, 4], [], 224);
        AssertIs(x[1, 1..3, 3..], [2, 2], 113, 114, 123, 124);
        AssertIs(x[^2..^1, 0, ..2], [1, 2], 100, 101);
        AssertIs(x[0, 2..2, 0], [0]);
        Assert.That(x[..].Shape, Is.EqualTo(x.Shape));
        Assert.That(x[1].Buffer, Is.SameAs(x.Buffer), "a view");
    }

    [Test]
    public void Steps_run_forwards_and_backwards()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Arange(0, 7);
        AssertIs(x[TensorIndex.Every(3)], [3], 0, 3, 6);
        AssertIs(x[TensorIndex.Every(2, 1..6)], [3], 1, 3, 5);
        AssertIs(x[TensorIndex.Every(-1)], [7], 6, 5, 4, 3, 2, 1, 0);
        AssertIs(x[TensorIndex.Every(-2, 1..6)], [3], 5, 3, 1);
        AssertIs(x[TensorIndex.Every(-5, 2..4)], [1], 3);
    }

    [Test]
    public void New_axes_and_the_ellipsis_stand_anywhere()
    {
        using TensorScope scope = new();
        Tensor x = Numbered(2, 3, 4);
        Assert.That(x[TensorIndex.NewAxis, TensorIndex.Ellipsis, TensorIndex.NewAxis].Shape, Is.EqualTo(Shape.Create(1, 2, 3, 4, 1)));
        AssertIs(x[TensorIndex.Ellipsis, 1], [2, 3], 1, 11, 21, 101, 111, 121);
        AssertIs(x[1, TensorIndex.Ellipsis, 2, 3], [], 123);
        AssertIs(x[1, TensorIndex.NewAxis, 0, 2..], [1, 2], 102, 103);
    }

    [Test]
    public void An_index_tensor_picks_slices_and_leaves_its_shape()
    {
        using TensorScope scope = new();
        Tensor x = Numbered(3, 4, 2), index = Tensor.From([2L, 0, 0, 1], [2, 2]);
        AssertIs(x[TensorIndex.All, index, 1], [3, 2, 2], 21, 1, 1, 11, 121, 101, 101, 111, 221, 201, 201, 211);
        AssertIs(x[Tensor.From(2L, 1L), 3], [2, 2], 230, 231, 130, 131);
    }

    [Test]
    public void Several_index_tensors_are_broadcast_and_picked_together()
    {
        using TensorScope scope = new();
        Tensor x = Numbered(3, 4, 5), rows = Tensor.From([2L, 0], [2, 1]), columns = Tensor.From(1L, 3, 0);
        AssertIs(x[rows, columns, 4], [2, 3], 214, 234, 204, 14, 34, 4);
        AssertIs(x[TensorIndex.All, Tensor.From(0L, 3), Tensor.From(1L, 4)], [3, 2], 1, 34, 101, 134, 201, 234);
        AssertIs(x[Tensor.From(0L, 2), TensorIndex.Every(3), Tensor.From(1L, 4)], [2, 2], 1, 31, 204, 234);
    }

    [Test]
    public void A_mask_selects_in_row_major_order()
    {
        using TensorScope scope = new();
        Tensor x = Numbered(2, 3, 2), mask = Tensor.From([true, false, true, false, false, true], [2, 3]);
        AssertIs(x[mask], [3, 2], 0, 1, 20, 21, 120, 121);
        AssertIs(x.MaskedSelect(mask), [3, 2], 0, 1, 20, 21, 120, 121);
        AssertIs(x[1, Tensor.From(false, true, true)], [2, 2], 110, 111, 120, 121);
        AssertIs(x.Transpose(0, 2)[TensorIndex.Ellipsis, Tensor.From(false, true)], [2, 3, 1], 100, 110, 120, 101, 111, 121);
        AssertIs(x[Tensor.Zeros([2], DType.Bool)], [0, 3, 2]);
    }

    [Test]
    public void Assigning_writes_into_the_tensor_and_is_broadcast()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([2, 3]);
        int version = x.Buffer.Version;
        x[1] = Tensor.From(1f, 2, 3);
        x[TensorIndex.All, ^1] = Tensor.Scalar(9);
        AssertIs(x, [2, 3], 0, 0, 9, 1, 2, 9);
        Assert.That(x.Buffer.Version, Is.GreaterThan(version));
    }

    [Test]
    public void Assigning_through_index_tensors_lets_the_later_value_win()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([4, 2]);
        x[Tensor.From(3L, 0, 3)] = Tensor.From([1f, 2, 3, 4, 5, 6], [3, 2]);
        AssertIs(x, [4, 2], 3, 4, 0, 0, 0, 0, 5, 6);
        x[Tensor.From(0L, 1), Tensor.From(1L, 0)] = Tensor.Scalar(-1);
        AssertIs(x, [4, 2], 3, -1, -1, 0, 0, 0, 5, 6);
        x[Tensor.From(false, false, true, true), 1] = Tensor.From(7f, 8);
        AssertIs(x, [4, 2], 3, -1, -1, 0, 0, 7, 5, 8);
    }

    [Test]
    public void Assigning_through_axes_that_cannot_be_merged_in_place_works_too()
    {
        using TensorScope scope = new();
        Tensor x = Numbered(2, 3, 4), t = x.Transpose(0, 1);        // [3, 2, 4], whose first two dimensions do not lie in order
        t[Tensor.From(2L, 0), Tensor.From(1L, 0), 1..3] = Tensor.From([-1f, -2, -3, -4], [2, 2]);
        Assert.That(x[1, 2].ToArray<float>(), Is.EqualTo([120f, -1, -2, 123]));
        Assert.That(x[0, 0].ToArray<float>(), Is.EqualTo([0f, -3, -4, 3]));
        Assert.That(x[0, 2].ToArray<float>(), Is.EqualTo([20f, 21, 22, 23]));
    }

    [Test]
    public void A_value_that_overlaps_its_place_is_read_before_it_is_written()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Arange(0, 6);
        x[1..] = x[..^1];
        AssertIs(x, [6], 0, 0, 1, 2, 3, 4);
        x[TensorIndex.All] = x[TensorIndex.Every(-1)];
        AssertIs(x, [6], 4, 3, 2, 1, 0, 0);
        x.AddInPlace(x.Flip(0));
        AssertIs(x, [6], 4, 3, 3, 3, 3, 4);
    }

    [Test]
    public void IndexPut_leaves_the_tensor_as_it_was()
    {
        using TensorScope scope = new();
        Tensor x = Numbered(2, 2, 2), y = x.IndexPut([TensorIndex.All, 1, 0], Tensor.From(-1f, -2));
        AssertIs(y, [2, 2, 2], 0, 1, -1, 11, 100, 101, -2, 111);
        AssertIs(x.IndexPut([1, Tensor.From(1L, 1)], Tensor.From([5f, 6], [2, 1])), [2, 2, 2], 0, 1, 10, 11, 100, 101, 6, 6);
        Assert.That(x[0, 1, 0].ToDouble(), Is.EqualTo(10));
    }

    [Test]
    public void Gradients_of_index_expressions_agree_with_finite_differences()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Uniform([3, 4, 5], new Generator(1), -1, 1, DType.Float64), v = Tensor.Uniform([2, 5], new Generator(2), -1, 1, DType.Float64);
        Tensor rows = Tensor.From(2L, 0, 2), mask = Tensor.From([true, false, true, false, false, true, true, false, false, true, false, false], [3, 4]);
        GradCheck.Assert(t => t[0][1..3, TensorIndex.Every(-2), TensorIndex.NewAxis, 2], [x]);
        GradCheck.Assert(t => t[0][rows, Tensor.From(3L, 1, 3)], [x]);
        GradCheck.Assert(t => t[0][rows, TensorIndex.All, Tensor.From(3L, 1, 3)], [x]);
        GradCheck.Assert(t => t[0][mask], [x]);
        GradCheck.Assert(t => t[0].IndexPut([1..3, 2], t[1]), [x, v]);
        GradCheck.Assert(t => t[0].IndexPut([Tensor.From(1L, 1), 2], t[1]) * t[0], [x, v]);
        GradCheck.Assert(t => t[0].IndexPut([mask], t[1][0]), [x, v]);
        GradCheck.Assert(t => t[0].ScatterAdd(2, Tensor.From([0L, 4, 0, 1, 1, 1, 2, 3, 0, 0, 1, 2], [3, 4, 1]), t[0][TensorIndex.All, TensorIndex.All, ..1]), [x]);
        GradCheck.Assert(t => t[0].IndexAdd(0, Tensor.From(1L, 1), t[0][..2]), [x]);
    }

    [Test]
    public void Outside_a_scope_only_the_result_is_left()
    {
        Tensor x = Numbered(3, 4, 5), index = Tensor.From(2L, 0), mask = Tensor.From(true, false, true), value = Tensor.Scalar(1), first = Tensor.Zeros([1, 4, 5], DType.Int64);
        Tensor part = x[..1], two = x[..2];
        PoolStatistics before = x.Accelerator.Pool.Statistics;
        Tensor[] made =
        [
            x[index], x[mask, ..2], x[index, TensorIndex.All, index], x.IndexPut([1..], value), x.IndexPut([mask], value),
            Tensor.Stack([x, x]), x.Tile(2, 1, 1), x.Roll(1, 0), x.Pad([(1, 1)], mode: PadMode.Reflect), Tensor.Einsum("abc,dbc->ad", x, x),
            x.ScatterAdd(0, first, part), x.IndexAdd(0, index, two), x.MaskedSelect(mask), Tensor.Eye(3), Tensor.Uniform([3], new Generator(1), dtype: DType.Float16),
        ];
        x[index] = value;
        x[index, TensorIndex.All, index] = value;
        x[mask] = value;
        Assert.That(x.Accelerator.Pool.Statistics.LiveBlocks - before.LiveBlocks, Is.EqualTo(made.Length));
        foreach (Tensor t in made.Concat([x, index, mask, value, first, part, two])) t.Dispose();
    }

    [Test]
    public void What_is_recorded_cannot_be_assigned()
    {
        using TensorScope scope = new();
        Tensor p = Tensor.Parameter([3]);
        using Tape tape = new();
        Tensor y = p * 2, constant = Tensor.Zeros([3]);
        Assert.That(() => y[0] = Tensor.Scalar(1), Throws.TypeOf<TapeException>().With.Message.Contains("IndexPut"));
        Assert.That(() => p[0] = Tensor.Scalar(1), Throws.TypeOf<TapeException>());
        Assert.That(() => constant[0] = y[0], Throws.TypeOf<TapeException>());
        Assert.That(() => constant.CopyFrom(y), Throws.TypeOf<TapeException>());
        Assert.That(() => constant.AddInPlace(y), Throws.TypeOf<TapeException>());
        Assert.That(() => p.MultiplyInPlace(2), Throws.TypeOf<TapeException>());
        constant[0] = Tensor.Scalar(1);
        using (Tape.NoRecord()) p[0] = Tensor.Scalar(4);
        Assert.That(p[0].ToDouble(), Is.EqualTo(4));
        p.Dispose();
    }

    [Test]
    public void Wrong_expressions_say_what_is_wrong()
    {
        using TensorScope scope = new();
        Tensor x = Numbered(3, 4, 5);
        Says(() => x[3], "position 3", "dimension 0", "[3, 4, 5]", "0 to 2");
        Says(() => x[0, ^5], "^5", "dimension 1");
        Says(() => x[0..4], "0..4", "length 3", "not clamped");
        Says(() => x[2..1], "2..1", "backwards");
        Says(() => x[0, 0, 0, 0], "4 dimensions", "has 3");
        Says(() => x[TensorIndex.Ellipsis, TensorIndex.Ellipsis], "at most one");
        Says(() => x[TensorIndex.All, Tensor.From([1L, 4], [2, 1])], "index 4", "[1, 0]", "dimension 1 of [3, 4, 5]", "0 to 3");
        Says(() => x[Tensor.From(-1L)], "index -1", "count from the end");
        Says(() => x[Tensor.Zeros([2, 4], DType.Bool)], "[2, 4]", "[3, 4, 5]");
        Says(() => x[Tensor.Zeros([3], DType.Bool), Tensor.From(1L)], "Nonzero");
        Says(() => x.Gather(1, Tensor.Zeros([3, 2, 4], DType.Int64)), "[3, 2, 4]", "dimension 1");
        Says(() => x.IndexPut([0], Tensor.Zeros([3])), "[3]", "[4, 5]");
        Assert.That(() => x[Tensor.From(1f)], Throws.TypeOf<DTypeException>().With.Message.Contains("Int64"));
        Assert.That(() => x[0] = Tensor.Zeros([5], DType.Float64), Throws.TypeOf<DTypeException>());

        static void Says(Func<Tensor> f, params string[] words)
        {
            string message = Assert.Throws<ShapeException>(() => f())!.Message;
            foreach (string word in words) Assert.That(message, Does.Contain(word));
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void Gather_and_its_transpose_agree_with_loops(int axis)
    {
        using TensorScope scope = new();
        long[] lengths = [7, 5, 6], picked = [7, 5, 6];
        picked[axis] = 9;
        Generator generator = new(3);
        Tensor x = Tensor.Uniform(lengths, generator), index = Tensor.RandomIntegers(picked, generator, 0, lengths[axis]);
        float[] values = x.ToArray<float>(), expected = new float[picked[0] * picked[1] * picked[2]], sum = new float[values.Length];
        long[] indices = index.ToArray<long>();
        Each(picked, (i, p) =>
        {
            long[] q = [.. p];
            q[axis] = indices[i];
            long from = (q[0] * lengths[1] + q[1]) * lengths[2] + q[2];
            expected[i] = values[from];
            sum[from] += i;
        });
        Assert.That(x.Gather(axis, index).ToArray<float>(), Is.EqualTo(expected));
        Tensor zeros = Tensor.Zeros(lengths), source = Tensor.Arange(0, expected.Length).Reshape((Shape)picked);
        Assert.That(zeros.ScatterAdd(axis, index, source).ToArray<float>(), Is.EqualTo(sum));
    }

    [TestCase(50_000, 3, 40_000)]
    [TestCase(1000, 130, 2000)]
    [TestCase(3, 17, 30_000)]
    public void An_embedding_and_its_gradient_agree_with_loops_for_any_number_of_threads(int rows, int columns, int positions)
    {
        using TensorScope scope = new();
        Generator generator = new(4);
        Tensor table = Tensor.Uniform([rows, columns], generator), index = Tensor.RandomIntegers([positions], generator, 0, rows);
        Tensor g = Tensor.Uniform([positions, columns], generator);
        float[] t = table.ToArray<float>(), picked = new float[positions * columns], dy = g.ToArray<float>(), sum = new float[rows * columns];
        long[] at = index.ToArray<long>();
        for (int p = 0; p < positions; p++)
            for (int j = 0; j < columns; j++)
            {
                picked[p * columns + j] = t[at[p] * columns + j];
                sum[at[p] * columns + j] += dy[p * columns + j];
            }

        foreach (int n in new[] { 1, 2, 5 })
        {
            using Threads.Usage usage = Threads.Use(n);
            Assert.That(table.IndexSelect(0, index).ToArray<float>().AsSpan().SequenceEqual(picked));
            Assert.That(Tape.Apply(new Gradwright.Kernels.IndexSum(0, rows), g, index).ToArray<float>().AsSpan().SequenceEqual(sum));
        }
    }

    [Test]
    public void Elements_of_every_type_can_be_picked_masked_and_placed()
    {
        using TensorScope scope = new();
        Tensor mask = Tensor.From(true, false, true), index = Tensor.From(2L, 0);
        foreach (DType dtype in DTypes.All)
        {
            Tensor x = Tensor.From(0f, 1, 5).Cast(dtype), y = Tensor.From(1f, 0, 0).Cast(dtype);
            double last = dtype == DType.Bool ? 1 : 5;
            Assert.That(Values(x[index]), Is.EqualTo([last, 0]));
            Assert.That(Values(x[mask]), Is.EqualTo([0, last]));
            Assert.That(Values(Tensor.Where(mask, y, x)), Is.EqualTo([1, 1, 0]));
            Assert.That(Values(x.MaskedFill(mask, 1)), Is.EqualTo([1, 1, 1]));
            Assert.That(Values(x.IndexPut([index], y[..2])), Is.EqualTo([0, 1, 1]));
            Assert.That(Values(x.Gather(0, index)), Is.EqualTo([last, 0]));
        }

        static double[] Values(Tensor x) => x.Cast(DType.Float64).ToArray<double>();
    }

    [Test]
    public void Nonzero_lists_positions_in_order()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From([0f, -0f, 3, float.NaN, 0, 1], [2, 3]), at = x.Nonzero();
        Assert.That(at.Shape, Is.EqualTo(Shape.Create(3, 2)));
        Assert.That(at.ToArray<long>(), Is.EqualTo([0L, 2, 1, 0, 1, 2]));
        Assert.That(Tensor.Scalar(1).Nonzero().Shape, Is.EqualTo(Shape.Create(1, 0)));
        Assert.That(Tensor.Zeros([0, 3]).Nonzero().Shape, Is.EqualTo(Shape.Create(0, 2)));
    }

    [Test]
    public void OneHot_marks_one_class_and_refuses_others()
    {
        using TensorScope scope = new();
        AssertIs(Tensor.From([2L, 0], [2, 1]).OneHot(3), [2, 1, 3], 0, 0, 1, 1, 0, 0);
        Assert.That(() => Tensor.From(0L, 3).OneHot(3), Throws.TypeOf<ShapeException>().With.Message.Contains("index 3 at position [1]"));
    }

    [Test]
    public void Where_chooses_in_rows_of_any_length_type_and_stride([Values] DType dtype, [Values(1, 31, 64, 97)] int n)
    {
        using TensorScope scope = new();
        Generator g = new((ulong)n);
        Tensor mask = Tensor.Bernoulli([n], g, 0.5, DType.Bool), a = Tensor.RandomIntegers([n], g, 0, 100).Cast(dtype), b = Tensor.RandomIntegers([n], g, 0, 100).Cast(dtype);
        bool[] m = mask.ToArray<bool>();
        foreach ((Tensor x, Tensor y) in new[] { (a, b), (a[..1], b), (a, b[^1..]), (a[..1], b[^1..]), (a.Flip(0), b), (a.RepeatEach(2, 0)[TensorIndex.Every(2)], b) })
        {
            double[] xs = x.Expand([n]).Cast(DType.Float64).ToArray<double>(), ys = y.Expand([n]).Cast(DType.Float64).ToArray<double>();
            Assert.That(Tensor.Where(mask, x, y).Cast(DType.Float64).ToArray<double>(), Is.EqualTo(m.Select((yes, i) => yes ? xs[i] : ys[i])));
        }

        Assert.That(a.MaskedSelect(mask).Cast(DType.Float64).ToArray<double>(), Is.EqualTo(a.Cast(DType.Float64).ToArray<double>().Where((_, i) => m[i])));
    }

    [Test]
    public void Where_and_its_gradient_ignore_the_branch_not_taken()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From(double.NaN, 4), other = Tensor.From(1.0, 2);
        using Tape tape = new();
        tape.Watch(x);
        tape.Watch(other);
        Tensor y = Tensor.Where(Tensor.From(false, true), x, other);
        Assert.That(y.ToArray<double>(), Is.EqualTo([1.0, 4]));
        Tensor[] g = tape.Gradients((y * y).SumTo([]), [x, other]);
        Assert.That(g[0].ToArray<double>(), Is.EqualTo([0.0, 8]));
        Assert.That(g[1].ToArray<double>(), Is.EqualTo([2.0, 0]));
    }

    private static void Each(long[] lengths, Action<int, long[]> visit)
    {
        int n = 0;
        for (long i = 0; i < lengths[0]; i++)
            for (long j = 0; j < lengths[1]; j++)
                for (long k = 0; k < lengths[2]; k++) visit(n++, [i, j, k]);
    }
}
