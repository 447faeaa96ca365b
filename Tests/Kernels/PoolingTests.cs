using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Poolings and their gradients against loops written out in double precision.</summary>
public sealed class PoolingTests
{
    /// <summary>One pooling: sizes and attributes.</summary>
    public sealed record Case(int N, int C, int H, int W, Window Vertical, Window Horizontal, bool Ceil = false)
    {
        public Shape Input => [N, C, H, W];
        public int OutputHeight => Positions(Vertical, H);
        public int OutputWidth => Positions(Horizontal, W);
        public Shape Output => [N, C, OutputHeight, OutputWidth];

        /// <summary>The last window must begin before the end of the image.</summary>
        private int Positions(Window w, int length)
        {
            double positions = (length + 2 * w.Padding - w.Dilation * (w.Size - 1) - 1) / (double)w.Stride;
            int count = (int)(Ceil ? Math.Ceiling(positions) : Math.Floor(positions)) + 1;
            return (count - 1) * w.Stride >= length + w.Padding ? count - 1 : count;
        }
    }

    private static readonly Case[] _cases =
    [
        new(2, 3, 8, 8, new(2, 2), new(2, 2)),
        new(3, 32, 28, 28, new(2, 2), new(2, 2)),
        new(1, 5, 14, 56, new(2, 2), new(2, 2)),
        new(2, 3, 7, 71, new(2, 2), new(2, 2)),
        new(2, 3, 7, 71, new(2, 2), new(2, 2), true),
        new(1, 2, 112, 112, new(3, 2, 1), new(3, 2, 1)),
        new(2, 2, 9, 20, new(3), new(4, 1, 2)),
        new(1, 2, 17, 40, new(2, 5), new(3, 4)),
        new(1, 2, 33, 30, new(17), new(17, 3, 8)),
        new(1, 1, 1, 1, new(1), new(1)),
        new(4, 6, 5, 7, new(5), new(7)),
        new(0, 3, 8, 8, new(2, 2), new(2, 2)),
    ];

    [TestCaseSource(nameof(_cases))]
    public void Maxima_and_their_gradients_equal_the_written_out_loops(Case c)
    {
        CheckMax<float>(c);
        CheckMax<double>(c);
    }

    [TestCaseSource(nameof(_cases))]
    public void Means_and_their_gradients_equal_the_written_out_loops(Case c)
    {
        foreach (bool countsPadding in new[] { true, false })
        {
            CheckMean<float>(c, countsPadding, 1e-5);
            CheckMean<double>(c, countsPadding, 1e-14);
        }
    }

    [Test]
    public void Random_poolings_equal_the_written_out_loops()
    {
        Gen<Window> window = from size in Gen.Choose(1, 5) from stride in Gen.Choose(1, 6) from padding in Gen.Choose(0, size / 2) from dilation in Gen.Choose(1, 3)
                             select new Window(size, stride, padding, dilation);
        Gen<Case> pooling = from n in Gen.Choose(1, 3) from c in Gen.Choose(1, 4) from h in Gen.Choose(1, 24) from w in Gen.Choose(1, 70)
                            from vertical in window from horizontal in window from ceil in Gen.Elements(false, true)
                            select new Case(n, c, (int)Math.Max(h, vertical.Extent), (int)Math.Max(w, horizontal.Extent), vertical, horizontal, ceil);
        Prop.ForAll(pooling.ToArbitrary(), c =>
        {
            CheckMax<double>(c);
            CheckMean<double>(c with { Vertical = c.Vertical with { Dilation = 1 }, Horizontal = c.Horizontal with { Dilation = 1 } }, true, 1e-14);
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void NaN_counts_as_largest_wherever_it_stands([Range(0, 3)] int position)
    {
        using TensorScope scope = new();
        float[] x = [1, 2, 3, 4, float.PositiveInfinity, 7, float.NegativeInfinity, 8];        // two rows of two windows
        x[position / 2 * 4 + position % 2] = float.NaN;
        (float[] y, byte[] index) = MaxWithIndex<float>(new(new(2, 2), new(2, 2)), Tensor.From(x, [1, 1, 2, 4]));
        Assert.That(y, Is.EqualTo(new[] { float.NaN, 8 }));
        Assert.That(index, Is.EqualTo(new byte[] { (byte)position, 3 }));
    }

    [Test]
    public void The_first_of_equal_maxima_gets_the_gradient()
    {
        using TensorScope scope = new();
        (float[] _, byte[] index) = MaxWithIndex<float>(new(new(2, 2), new(2, 2)), Tensor.From([0f, -0f, 5, 5, -0f, 0f, 5, 5], [1, 1, 2, 4]));
        Assert.That(index, Is.EqualTo(new byte[] { 0, 0 }));
    }

    [Test]
    public void Keeping_the_index_changes_no_maximum()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From([-0f, 0f, 0f, -0f, float.NaN, 1, -3, -2], [1, 1, 2, 4]);
        MaxPool2D op = new(new(1), new(2, 2));
        Assert.That(op.Execute(x).ToArray<float>().Select(BitConverter.SingleToInt32Bits), Is.EqualTo(MaxWithIndex<float>(op, x).Y.Select(BitConverter.SingleToInt32Bits)));
    }

    [Test]
    public void Channels_that_lie_last_give_the_same_bits()
    {
        using TensorScope scope = new();
        Shape shape = [2, 19, 7, 9];
        float[] values = [.. Enumerable.Range(0, (int)shape.Count).Select(i => (i % 11) switch { 3 => -0f, 5 => 0f, 7 when i % 5 == 0 => float.NaN, _ => -((i * 37 % 101) / 50f) })];
        Tensor x = Tensor.From(values, shape), turned = Tensor.Over(Tensor.Empty(shape).Buffer, ChannelsLast.Of(shape), DType.Float32), y = Tensor.Over(Tensor.Empty([2, 19, 4, 5]).Buffer, ChannelsLast.Of([2, 19, 4, 5]), DType.Float32);
        new Copy().ExecuteInto(turned, x);
        MaxPool2D op = new(new(3, 2, 1), new(3, 2, 1));
        op.ExecuteInto(y, turned);
        Assert.That(new Copy().Execute(y).ToArray<float>().Select(BitConverter.SingleToInt32Bits), Is.EqualTo(op.Execute(x).ToArray<float>().Select(BitConverter.SingleToInt32Bits)));
    }

    [Test]
    public void Positions_in_large_windows_are_kept_as_Int32()
    {
        using TensorScope scope = new();
        float[] image = new float[20 * 20];
        image[19 * 20 + 18] = 3;
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.From(image, [1, 1, 20, 20]));
        float[] dx = tape.Gradients(x.MaxPool2D(20).SumTo([]), [x])[0]!.ToArray<float>();
        Assert.That(Array.IndexOf(dx, 1), Is.EqualTo(19 * 20 + 18));
        Assert.That(dx.Sum(), Is.EqualTo(1));
    }

    [Test]
    public void The_tape_delivers_first_and_second_derivatives()
    {
        Case c = new(2, 3, 9, 8, new(3, 2, 1), new(2, 1, 1));
        using Tape tape = new();
        Tensor x = tape.Watch(Random<double>(c.Input, 1)), g = tape.Watch(Random<double>(c.Output, 2)), u = Random<double>(c.Input, 3);
        Tensor y = x.MaxPool2D((3, 2), stride: (2, 1), padding: 1);
        Tensor dx = tape.Gradients((y * g).SumTo([]), [x], createGraph: true)[0]!;
        double[] vx = x.ToArray<double>(), vu = u.ToArray<double>(), picked = new double[c.Output.Count];
        (double[] _, int[] where) = Max(c, vx);
        for (int i = 0; i < picked.Length; i++) picked[i] = vu[where[i]];
        AssertClose(tape.Gradients((dx * u).SumTo([]), [g])[0]!, picked, 1e-15);       // ∂(u · ∂(y · g)/∂x)/∂g is u where the maxima are
    }

    [Test]
    public void The_number_of_threads_changes_no_bit()
    {
        using TensorScope scope = new();
        Tensor x = Random<float>([3, 40, 30, 31], 1);
        MaxPool2D max = new(new(3, 2, 1), new(3, 2, 1));
        AveragePool2D mean = new(new(3, 2, 1), new(3, 1, 1));
        Tensor g = Random<float>(mean.Execute(x).Shape, 2);
        Tensor[] Results() => [max.Execute(x), mean.Execute(x), new AveragePool2DInputGradient(mean, x.Shape).Execute(g)];
        Threads.ChangeNoBit(() => Array.ConvertAll(Results(), y => y.ToArray<float>()), 1, 3);
    }

    [Test]
    public void Operands_may_have_any_strides()
    {
        using TensorScope scope = new();
        Tensor x = Random<double>([2, 3, 8, 10], 1), turned = new Permute([0, 1, 3, 2]).Execute(x);
        Tensor packed = new Copy().Execute(turned);
        Assert.That(turned.MaxPool2D(2).ToArray<double>(), Is.EqualTo(packed.MaxPool2D(2).ToArray<double>()));
        Assert.That(turned.AveragePool2D(2).ToArray<double>(), Is.EqualTo(packed.AveragePool2D(2).ToArray<double>()));
    }

    [Test]
    public void Errors_name_the_rule_and_the_remedy()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([2, 4, 8, 9]);
        Errors.Expect<ShapeException>(() => x.MaxPool2D(9), "height of the image is 8", "size 9", "smaller window");
        Errors.Expect<ShapeException>(() => x.MaxPool2D(3, padding: 2), "padding (2, 2) exceeds half", "(3, 3)");
        Errors.Expect<ShapeException>(() => x.MaxPool2D((3, 0)), "size 0");
        Errors.Expect<ShapeException>(() => x.AveragePool2D(2, stride: (1, -1)), "stride -1");
        Errors.Expect<ShapeException>(() => new AveragePool2D(new(2, Dilation: 2), new(2)).Execute(x), "dilation (2, 1) must be 1");
        Errors.Expect<ShapeException>(() => new Reshape([8, 72]).Execute(x).MaxPool2D(2), "[8, 72]", "4 dimensions");
        Errors.Expect<ShapeException>(() => new MaxPool2DInputGradient(new(new(2, 2), new(2, 2)), x.Shape).Execute(x, x), "[2, 4, 4, 4]");
        Assert.That(() => Tensor.Zeros([1, 1, 4, 4], DType.Int32).MaxPool2D(2), Throws.InstanceOf<DTypeException>());
    }

    [Test]
    public void Every_sample_runs_in_both_types()
    {
        using TensorScope scope = new();
        foreach (OpSample sample in OpSamples.All.Where(s => s.Op.Name.Contains("Pool2D", StringComparison.Ordinal)))
            foreach (DType dtype in new[] { DType.Float32, DType.Float64 })
                Assert.That(sample.Op.Execute(sample.MakeOperands(dtype)).DType, Is.EqualTo(dtype));
    }

    private static (T[] Y, byte[] Index) MaxWithIndex<T>(MaxPool2D op, Tensor x) where T : unmanaged
    {
        Tensor?[] y = new Tensor?[2];
        op.Execute([x], y, keep: true);
        return (y[0]!.ToArray<T>(), y[1]!.ToArray<byte>());
    }

    private static void CheckMax<T>(Case c) where T : unmanaged, IFloatingPoint<T>
    {
        using TensorScope scope = new();
        MaxPool2D op = new(c.Vertical, c.Horizontal, c.Ceil);
        Tensor x = Random<T>(c.Input, 1), g = Random<T>(c.Output, 2);
        (double[] y, int[] where) = Max(c, Doubles<T>(x));
        double[] dx = new double[x.Count], vg = Doubles<T>(g);
        for (int i = 0; i < vg.Length; i++) dx[where[i]] += vg[i];
        Tensor?[] results = new Tensor?[2];
        op.Execute([x], results, keep: true);
        AssertClose(op.Execute(x), y, 0);
        AssertClose(results[0]!, y, 0);
        AssertClose(new MaxPool2DInputGradient(op, c.Input).Execute(g, results[1]!), dx, typeof(T) == typeof(float) ? 1e-6 : 1e-14);
        AssertClose(new MaxPool2DPick(op).Execute(x, results[1]!), y, 0);
    }

    private static void CheckMean<T>(Case c, bool countsPadding, double tolerance) where T : unmanaged, IFloatingPoint<T>
    {
        using TensorScope scope = new();
        AveragePool2D op = new(c.Vertical, c.Horizontal, c.Ceil, countsPadding);
        Tensor x = Random<T>(c.Input, 1), g = Random<T>(c.Output, 2);
        double[] vx = Doubles<T>(x), vg = Doubles<T>(g), y = new double[vg.Length], dx = new double[vx.Length], count = new double[vg.Length];
        Visit(c, (_, o, row, column) => count[o] += countsPadding ? Within(row, c.H, c.Vertical.Padding) && Within(column, c.W, c.Horizontal.Padding) ? 1 : 0 : Within(row, c.H, 0) && Within(column, c.W, 0) ? 1 : 0);
        Visit(c, (i, o, _, _) =>
        {
            if (i < 0) return;
            y[o] += vx[i] / count[o];
            dx[i] += vg[o] / count[o];
        });
        AssertClose(op.Execute(x), y, tolerance);
        AssertClose(new AveragePool2DInputGradient(op, c.Input).Execute(g), dx, tolerance);
    }

    private static bool Within(int i, int length, int border) => i >= -border && i < length + border;

    private static (double[] Y, int[] Where) Max(Case c, double[] x)
    {
        double[] y = new double[c.Output.Count];
        int[] where = new int[y.Length];
        Array.Fill(y, double.NegativeInfinity);
        Visit(c, (i, o, _, _) =>
        {
            if (i < 0 || x[i] <= y[o]) return;
            y[o] = x[i];
            where[o] = i;
        });
        return (y, where);
    }

    /// <summary>Calls <paramref name="visit"/> for every element of every window: its position in x (−1 outside the image), in y, its row and column.</summary>
    private static void Visit(Case c, Action<int, int, int, int> visit)
    {
        for (int plane = 0; plane < c.N * c.C; plane++)
            for (int i = 0; i < c.OutputHeight; i++)
                for (int j = 0; j < c.OutputWidth; j++)
                    for (int r = 0; r < c.Vertical.Size; r++)
                        for (int s = 0; s < c.Horizontal.Size; s++)
                        {
                            int row = i * c.Vertical.Stride + r * c.Vertical.Dilation - c.Vertical.Padding, column = j * c.Horizontal.Stride + s * c.Horizontal.Dilation - c.Horizontal.Padding;
                            bool inside = Within(row, c.H, 0) && Within(column, c.W, 0);
                            visit(inside ? (plane * c.H + row) * c.W + column : -1, (plane * c.OutputHeight + i) * c.OutputWidth + j, row, column);
                        }
    }

    private static Tensor Random<T>(Shape shape, int seed) where T : unmanaged, IFloatingPoint<T>
    {
        var random = new System.Random(seed);
        T[] values = new T[shape.Count];
        for (int i = 0; i < values.Length; i++) values[i] = T.CreateChecked(2 * random.NextDouble() - 1);
        return Tensor.From(values, shape);
    }

    private static double[] Doubles<T>(Tensor x) where T : unmanaged, IFloatingPoint<T> => Array.ConvertAll(x.ToArray<T>(), v => double.CreateChecked(v));

    private static void AssertClose(Tensor actual, double[] expected, double tolerance)
    {
        double[] values = actual.DType == DType.Float32 ? Doubles<float>(actual) : Doubles<double>(actual);
        Assert.That(values, Has.Length.EqualTo(expected.Length));
        double largest = expected.Length == 0 ? 0 : expected.Max(Math.Abs), worst = expected.Length == 0 ? 0 : expected.Zip(values, (e, v) => Math.Abs(e - v)).Max();
        Assert.That(worst, Is.LessThanOrEqualTo(tolerance * largest));
    }
}
