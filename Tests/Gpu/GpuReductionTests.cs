using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Reductions on each GPU against the CPU: sizes around every group, layouts, special values, integers.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuReductionTests(string device) : GpuFixture(device)
{
    private static readonly long[] _lengths = [1, 2, 3, 8, 9, 31, 32, 33, 63, 64, 65, 127, 255, 256, 257, 1000, 4097];
    private static readonly float[] _special = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, 0f, 3.5f, -2f];

    private static IEnumerable<Func<int[], Op>> Folds =>
    [
        axes => new Reduce<Sum>(axes, false), axes => new Reduce<Mean>(axes, false), axes => new Reduce<Max>(axes, false), axes => new Reduce<Min>(axes, true),
        axes => new Reduce<Prod>(axes, false), axes => new Reduce<EuclideanNorm>(axes, false), axes => new Reduce<LogSumExp>(axes, true),
        axes => new Reduce<Variance>(axes, false) { Parameter = 1 },
    ];

    [Test]
    public void Rows_of_every_length_agree([ValueSource(nameof(_lengths))] long n)
    {
        foreach (long rows in (long[])[1, 3, 300])
            if (rows * n <= 300_000) GpuParity.Check(Gpu, new OpSample(new Reduce<Variance>([1], false) { Parameter = 0 }, [new([rows, n], -1, 3)]));
        GpuParity.Check(Gpu, new OpSample(new Reduce<Sum>([1], false), [new([3, n], -1, 3)]), DType.Float32);
    }

    [Test]
    public void Columns_of_every_length_agree([ValueSource(nameof(_lengths))] long n)
    {
        foreach (long columns in (long[])[1, 3, 31, 33, 65])
            if (columns * n <= 300_000) GpuParity.Check(Gpu, new OpSample(new Reduce<Variance>([0], false) { Parameter = 0 }, [new([n, columns], -1, 3)]));
        GpuParity.Check(Gpu, new OpSample(new Reduce<Sum>([1], false), [new([2, n, 9], -1, 3)]), DType.Float32);
        GpuParity.Check(Gpu, new OpSample(new Reduce<Sum>([0, 2], false), [new([3, 7, n], -1, 3)]), DType.Float32);
    }

    [Test]
    public void Every_fold_agrees_for_long_rows_columns_and_whole_tensors([Range(0, 7)] int fold)
    {
        Func<int[], Op> make = Folds.ElementAt(fold);
        bool product = make([0]) is Reduce<Prod>;
        Operand Make(params long[] shape) => product ? new(shape, 0.9, 1.1) : new(shape, -1, 3);
        foreach (DType dtype in GpuParity.Types(Gpu))
        {
            GpuParity.Check(Gpu, new OpSample(make([1]), [Make(3, product ? 1000 : 70_000)]), dtype, gradients: true);
            GpuParity.Check(Gpu, new OpSample(make([0]), [Make(product ? 1000 : 7000, 10)]), dtype, gradients: true);
            GpuParity.Check(Gpu, new OpSample(make([0]), [Make(300, 64)]), dtype);
            if (!product) GpuParity.Check(Gpu, new OpSample(make([0, 1]), [Make(1000, 1000)]), dtype);
        }
    }

    [Test]
    public void The_centre_of_a_variance_is_kept_whether_the_row_is_cut_or_not([Values(100, 200_000)] long n)
        => GpuParity.Check(Gpu, new OpSample(new Reduce<Variance>([1], false) { Parameter = 1 }, [new([2, n], 1000, 1001)]));

    [Test]
    public void Layouts_of_any_strides_agree()
    {
        Tensor x = new Operand([3, 4, 5, 2, 6], -1, 3).Make(DType.Float32, new Generator(1)), row = new Operand([1, 4, 1, 2, 1], -1, 3).Make(DType.Float32, new Generator(2));
        foreach (int[] axes in (int[][])[[0], [4], [1, 3], [0, 2, 4], [1, 2], [0, 1, 2, 3, 4], []])
        {
            Reduce<Sum> sum = new(axes, false);
            GpuParity.Check(Gpu, sum, [x], "row-major");
            GpuParity.Check(Gpu, sum, [x], "permuted", t => new Permute([2, 0, 4, 1, 3]).Execute(t));
            GpuParity.Check(Gpu, sum, [x], "backwards, every second", t => new Slice(4, 5, 3, -2).Execute(new Slice(1, 3, 4, -1).Execute(t)));
            GpuParity.Check(Gpu, sum, [row], "expanded", t => new Expand([3, 4, 5, 2, 6]).Execute(t));
            if (axes.Length == 1) GpuParity.Check(Gpu, new ArgReduce<Max>(axes[0], false), [x], "backwards, every second", t => new Slice(4, 5, 3, -2).Execute(new Slice(1, 3, 4, -1).Execute(t)));
        }
    }

    [Test]
    public void Positions_that_need_64_bits_agree([Values(5, 300)] int n)
    {
        // Bytes far apart in a large buffer, of which only their pages are touched.
        long step = (1L << 31) / (n - 1), bytes = (n - 1) * step + 1;
        if (Gpu.Traits.MaxAllocation < bytes || Gpu.Traits.Memory < 2 * bytes) Assert.Ignore($"{Gpu.Name} has too little memory.");
        Tensor values = new Operand([n], 0, 256) { Type = DType.UInt8 }.Make(DType.Float32, new Generator(6)), moved = new Transfer(values.Accelerator, Gpu).Execute(values);
        using (Tensor large = Tensor.Empty([bytes], DType.UInt8, Gpu))
        {
            Tensor apart = new Slice(0, 0, n, step).Execute(large);
            new Copy().ExecuteInto(apart, moved);
            Assert.That((long)Reduce<Sum>.Whole(1).Execute(apart).ToDouble(), Is.EqualTo((long)Reduce<Sum>.Whole(1).Execute(values).ToDouble()));
            Assert.That(new ArgReduce<Max>(0, false).Execute(apart).ToDouble(), Is.EqualTo(new ArgReduce<Max>(0, false).Execute(values).ToDouble()));
            apart.Dispose();
        }

        Gpu.Pool.Trim();
    }

    [Test]
    public void Special_values_come_through_in_every_fold([Range(0, 7)] int fold, [Values(1, 10, 300)] int n)
    {
        Tensor x = SpecialRows(n);
        GpuParity.Check(Gpu, Folds.ElementAt(fold)([1]), [x], $"rows of {n}");
        GpuParity.Check(Gpu, Folds.ElementAt(fold)([0]), [x], $"columns of {x.Shape[0]}");
    }

    /// <summary>Rows of ones with one or two special values at either end.</summary>
    internal static Tensor SpecialRows(int n)
    {
        List<float> values = [];
        foreach (float first in _special)
        {
            foreach (float last in _special)
            {
                float[] row = new float[n];
                Array.Fill(row, 1f);
                (row[0], row[^1]) = (first, last);
                values.AddRange(row);
            }
        }

        return Tensor.From(values.ToArray(), [values.Count / n, n]);
    }

    [Test]
    public void Nothing_folds_as_on_the_processor()
    {
        foreach ((Shape shape, int[] axes) in ((Shape, int[])[])[([0], [0]), ([0, 3], [0]), ([3, 0], [1]), ([3, 0, 2], [1]), ([3, 0], [0])])
        {
            foreach (Func<int[], Op> fold in Folds)
                if (shape[axes[0]] > 0 || fold(axes) is not (Reduce<Max> or Reduce<Min>)) GpuParity.Check(Gpu, fold(axes), [Tensor.Zeros(shape)], $"of {shape}");
            GpuParity.Check(Gpu, new Reduce<Sum>(axes, false), [Tensor.Zeros(shape, DType.Int32)], $"of {shape}");
            GpuParity.Check(Gpu, new ReduceTruth<All>(axes, false), [Tensor.Zeros(shape, DType.Bool)], $"of {shape}");
            GpuParity.Check(Gpu, new ReduceTruth<Any>(axes, false), [Tensor.Zeros(shape)], $"of {shape}");
        }

        Assert.That(() => new Reduce<Max>([0], false).Execute(Tensor.Zeros([0], accelerator: Gpu)), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void Integers_fold_in_64_bits([Values(DType.Int64, DType.Int32, DType.UInt8, DType.Bool)] DType type, [Values("3x5", "1x1000", "70000x2", "2x70000", "400x33")] string size)
    {
        Shape shape = size.Split('x').Select(long.Parse).ToArray();
        Tensor x = new Operand(shape, type == DType.Bool ? 0 : type == DType.UInt8 ? 0 : -1e5, type == DType.Bool ? 2 : type == DType.UInt8 ? 256 : 1e5) { Type = type }.Make(DType.Float32, new Generator(3));
        foreach (int[] axes in (int[][])[[0], [1], [0, 1]])
        {
            GpuParity.Check(Gpu, new Reduce<Sum>(axes, false), [x], size);
            GpuParity.Check(Gpu, new Reduce<Prod>(axes, false), [x], size);
            GpuParity.Check(Gpu, new Reduce<Max>(axes, false), [x], size);
            GpuParity.Check(Gpu, new Reduce<Min>(axes, false), [x], size);
            GpuParity.Check(Gpu, new ReduceTruth<CountNonzero>(axes, false), [x], size);
            GpuParity.Check(Gpu, new ReduceTruth<Any>(axes, false), [x], size);
            GpuParity.Check(Gpu, new ReduceTruth<All>(axes, false), [x], size);
        }
    }

    [Test]
    public void Floating_point_numbers_count_as_truth_values()
    {
        Tensor x = SpecialRows(7);
        GpuParity.Check(Gpu, new ReduceTruth<CountNonzero>([1], false), [x], "");
        GpuParity.Check(Gpu, new ReduceTruth<All>([0], false), [x], "");
        GpuParity.Check(Gpu, new ReduceTruth<Any>([0, 1], false), [Tensor.Zeros([70, 1000])], "");
    }

    [Test]
    public void Sums_have_the_same_bits_every_time()
    {
        Tensor x = new Operand([1_000_000]).Make(DType.Float32, new Generator(4)), moved = new Transfer(x.Accelerator, Gpu).Execute(x);
        float[] sums = [.. Enumerable.Range(0, 5).Select(_ => (float)Reduce<Sum>.Whole(1).Execute(moved))];
        Assert.That(sums, Is.All.EqualTo(sums[0]));
    }

    [Test]
    public void Half_precision_is_true_unless_zero([Values(0f, -0f, 6e-8f, float.NaN)] float value)
    {
        Tensor x = Tensor.From([0, value, -0f]).Cast(DType.Float16).To(Gpu);
        Assert.That(new ReduceTruth<Any>([0], false).Execute(x).ToArray<bool>(), Is.EqualTo(new[] { value != 0 }));
    }

    [Test]
    public void ArgMax_finds_the_first_of_equals([Values("4x1", "5x16", "7x100", "2x70000", "70000x3", "3000x40", "2x257x5")] string size)
    {
        Shape shape = size.Split('x').Select(long.Parse).ToArray();
        foreach (DType type in (DType[])[DType.Float32, DType.Int32, DType.UInt8])
        {
            Tensor x = new Operand(shape, 0, 6) { Type = type }.Make(DType.Float32, new Generator(5));
            if (type == DType.Float32) x = Unary<Floor>.Instance.Execute(x);
            for (int axis = 0; axis < shape.Rank; axis++)
            {
                GpuParity.Check(Gpu, new ArgReduce<Max>(axis, false), [x], $"{size} {type}, dimension {axis}");
                GpuParity.Check(Gpu, new ArgReduce<Min>(axis, true), [x], $"{size} {type}, dimension {axis}");
            }
        }
    }

    [Test]
    public void ArgMax_takes_the_first_NaN([Values(1, 10, 300, 70_000)] int n)
    {
        float[] values = new float[2 * n];
        values[n / 2] = values[n - 1] = float.NaN;
        (values[n], values[^1]) = (float.NegativeInfinity, -0f);
        foreach (int axis in (int[])[0, 1])
        {
            GpuParity.Check(Gpu, new ArgReduce<Max>(axis, false), [Tensor.From(values, [2, n])], $"{n}");
            GpuParity.Check(Gpu, new ArgReduce<Min>(axis, false), [Tensor.From(values, [2, n])], $"{n}");
        }

        GpuParity.Check(Gpu, new ArgReduce<Max>(1, false), [SpecialRows(33)], "special values");
    }

    [Test]
    public void Undoing_a_broadcast_agrees()
    {
        foreach ((Shape from, Shape to) in ((Shape, Shape)[])[([64, 10], [10]), ([64, 10], [64, 1]), ([8, 3, 70, 70], [3, 1, 1]), ([5, 1, 7], [5, 1, 7]), ([300, 300], []), ([2, 3, 4, 5], [3, 1, 5])])
            GpuParity.Check(Gpu, new OpSample(new SumTo(to), [new(from, -1, 3)]));
    }
}
