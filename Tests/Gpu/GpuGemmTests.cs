using System.Numerics;
using System.Runtime.InteropServices;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Matrix products on each GPU against those on the CPU: every layout and finish, sizes around every tile, and nothing written beside C.</summary>
[TestFixture(typeof(float), "opencl:0")]
[TestFixture(typeof(double), "opencl:0")]
[TestFixture(typeof(float), "cuda:0")]
[TestFixture(typeof(double), "cuda:0")]
public sealed class GpuGemmTests<T>(string device) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly MatrixLayout[] _plain = [MatrixLayout.Rows, MatrixLayout.Columns];

    private GpuAccelerator _gpu = null!;

    private GemmTiles Tiles => typeof(T) == typeof(double) ? _gpu.Tuning.GemmDouble : _gpu.Tuning.Gemm;

    [SetUp]
    public void Require() => _gpu = GpuDevices.Require(device);

    [Test]
    public void Sizes_around_every_tile_in_four_transposes([Values(MatrixLayout.Rows, MatrixLayout.Columns)] MatrixLayout a, [Values(MatrixLayout.Rows, MatrixLayout.Columns)] MatrixLayout b)
    {
        GemmTiles t = Tiles;
        foreach (long m in new long[] { t.M - 1, t.M, t.M + 1, 2 * t.M + 9 })
            foreach (long n in new long[] { t.N - 1, t.N, t.N + 1, 3 * t.N + 4 })
                foreach (long k in new long[] { 1, t.K - 1, t.K, t.K + 1, 4 * t.K, 5 * t.K + 3 })
                    Check(new(m, n, k) { A = a, B = b });
    }

    [Test]
    public void Few_rows_and_columns([Values(MatrixLayout.Rows, MatrixLayout.Columns)] MatrixLayout a, [Values(MatrixLayout.Rows, MatrixLayout.Columns)] MatrixLayout b)
    {
        foreach (long m in new long[] { 1, 2, 7, 8, 9, 63, 257, 1030 })
            foreach (long n in new long[] { 1, 2, 4, 5, 8, 9 })
                foreach (long k in new long[] { 1, 3, 64, 517 })
                {
                    Check(new(m, n, k) { A = a, B = b });
                    Check(new(n, m, k) { A = a, B = b });
                }
    }

    [TestCase(3, 5, 20000)]
    [TestCase(1, 1, 30001)]
    [TestCase(33, 65, 4099)]
    [TestCase(64, 70, 8192)]
    [TestCase(9, 12, 10007)]
    public void Long_sums_of_few_elements(int m, int n, int k)
    {
        foreach (MatrixLayout a in _plain)
            foreach (MatrixLayout b in _plain)
                foreach (bool perRow in new[] { false, true })
                    Check(new(m, n, k) { A = a, B = b, Bias = true, BiasPerRow = perRow, Activation = Activation.Relu, Accumulate = perRow, Batch = perRow ? 2 : 1 });
    }

    [TestCase(70, 90, 40)]
    [TestCase(33, 3, 700)]
    [TestCase(2, 130, 40)]
    [TestCase(20, 30, 0)]
    public void Any_strides_of_all_three(int m, int n, int k)
    {
        foreach (MatrixLayout a in Enum.GetValues<MatrixLayout>())
            foreach (MatrixLayout b in Enum.GetValues<MatrixLayout>())
                Check(new(m, n, k) { A = a, B = b, Start = 3 });

        foreach (MatrixLayout c in Enum.GetValues<MatrixLayout>().Except([MatrixLayout.OneRow, MatrixLayout.OneColumn]))
            foreach (long start in new[] { 0, 1, 4 })
                Check(new(m, n, k) { C = c, Start = start, Bias = true, Accumulate = start == 1 });
    }

    [TestCase(64, 128, 64)]
    [TestCase(37, 45, 19)]
    [TestCase(5, 70, 50)]
    [TestCase(70, 1, 50)]
    [TestCase(40, 48, 3000)]
    [TestCase(9, 20, 0)]
    public void Bias_activation_and_accumulation_in_every_combination(int m, int n, int k)
    {
        for (int bits = 0; bits < 64; bits++)
            Check(new(m, n, k)
            {
                Accumulate = (bits & 1) != 0, Bias = (bits & 2) != 0, BiasPerRow = (bits & 4) != 0, StepBias = (bits & 8) != 0 ? 3 : 1,
                Activation = (bits & 16) != 0 ? Activation.Relu : Activation.None, C = (bits & 32) != 0 ? MatrixLayout.Columns : MatrixLayout.Rows,
            });
    }

    [Test]
    public void Batches_of_batches_with_and_without_repeated_operands([Values(1, 2, 5)] int batch, [Values(1, 3)] int outer)
    {
        foreach ((int m, int n, int k) in new[] { (3, 4, 5), (33, 45, 50), (1, 90, 64), (90, 1, 64), (12, 60, 3000), (12, 16, 0) })
        {
            Check(new(m, n, k) { Batch = batch, Outer = outer });
            Check(new(m, n, k) { Batch = batch, Outer = outer, RepeatA = true, Accumulate = true });
            Check(new(m, n, k) { Batch = batch, Outer = outer, RepeatB = true, Bias = true, BiasPerRow = m > n });
        }
    }

    [Test]
    public void More_products_than_a_grid_has_along_z()
    {
        Check(new(2, 3, 1) { Batch = 70000 });
        Check(new(9, 9, 1) { Batch = 66000 });
    }

    [Test]
    public void No_rows_columns_or_products_write_nothing()
    {
        Check(new(0, 7, 3) { Bias = true });
        Check(new(7, 0, 3) { Bias = true, BiasPerRow = true });
        Check(new(7, 7, 3) { Batch = 0 });
        Check(new(7, 7, 3) { Outer = 0 });
    }

    [Test]
    public void The_tiles_of_other_devices_compute_the_same([Values(MatrixLayout.Rows, MatrixLayout.Columns)] MatrixLayout a, [Values(MatrixLayout.Rows, MatrixLayout.Columns)] MatrixLayout b)
    {
        TuningTable gpu = new() { BusyGroups = 20, GemmUnrolled = !_gpu.Traits.IsProcessor };
        foreach ((int m, int n, int k) in new[] { (127, 129, 33), (128, 128, 64), (261, 140, 18), (129, 65, 2000), (300, 3, 900), (6, 500, 70), (64, 64, 64), (65, 20, 31) })
            foreach (int batch in new[] { 1, 2 })
                new GpuGemmProblem(m, n, k) { A = a, B = b, Bias = true, Activation = Activation.Relu, Batch = batch }.Check<T>(_gpu, gpu);
    }

    [TestCase(80, 70, 60)]
    [TestCase(20, 20, 5000)]
    [TestCase(3, 200, 900)]
    public void The_same_product_has_the_same_bits(int m, int n, int k)
    {
        GpuGemmProblem problem = new(m, n, k) { Bias = true };
        byte[] first = MemoryMarshal.AsBytes<T>(problem.Check<T>(_gpu)).ToArray();
        for (int i = 0; i < 3; i++) Assert.That(MemoryMarshal.AsBytes<T>(problem.Check<T>(_gpu)).SequenceEqual(first));
    }

    [TestCase(40, 20)]
    [TestCase(3, 20)]
    [TestCase(40, 5000)]
    public void Infinity_times_zero_is_not_skipped_and_relu_keeps_not_a_number(int m, int k)
    {
        const int n = 33;
        T[] a = new T[m * k], b = new T[k * n];
        Array.Fill(b, -T.One);
        a[3] = T.One;
        b[7 * n + 2] = T.PositiveInfinity;
        using Tensor ta = Tensor.From(a, [m, k], _gpu), tb = Tensor.From(b, [k, n], _gpu);
        using Tensor plain = MatMul.Instance.Execute(ta, tb), rectified = new ActivatedMatMul(Activation.Relu).Execute(ta, tb);
        T[] y = plain.ToArray<T>(), z = rectified.ToArray<T>();
        for (int i = 0; i < y.Length; i++)
        {
            T expected = i % n == 2 ? T.NaN : i < n ? -T.One : T.Zero;
            Assert.That((y[i], z[i]), Is.EqualTo((expected, T.IsNaN(expected) ? expected : T.Zero)), $"element {i}");
        }
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        using Tensor x = Tensor.Ones([4, 4], DTypes.Of<T>(), _gpu);
        GpuGemmArguments arguments = new() { DType = x.DType, A = x.Buffer, B = x.Buffer, C = x.Buffer, M = 4, N = 4, K = -6 };
        Assert.That(() => GpuGemm.Run(_gpu, arguments), Throws.ArgumentException.With.Message.Contains("-6"));
    }

    [Test]
    public void Batch_dimensions_of_any_order_are_as_on_the_processor()
    {
        using TensorScope scope = new();
        Tensor a = Tensor.From(Values(2 * 3 * 4 * 5 * 6), [2, 3, 4, 5, 6]), b = Tensor.From(Values(3 * 4 * 6 * 7), [3, 1, 4, 6, 7]).Permute(1, 0, 2, 3, 4);
        foreach (int[] order in new int[][] { [0, 1, 2, 3, 4], [2, 1, 0, 3, 4] })
        {
            Tensor x = a.Permute(order), w = b.Permute(order);
            Tensor expected = MatMul.Instance.Execute(x, w);
            Tensor actual = MatMul.Instance.Execute(a.To(_gpu).Permute(order), w.To(_gpu));
            Tests.Values.AssertClose([.. actual.ToArray<T>().Select(double.CreateChecked)], [.. expected.ToArray<T>().Select(double.CreateChecked)], typeof(T) == typeof(float) ? 1e-5 : 1e-12, string.Join(",", order));
        }
    }

    private static T[] Values(int count)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(_ => T.CreateTruncating(random.NextDouble() * 2 - 1))];
    }

    private void Check(GpuGemmProblem problem) => problem.Check<T>(_gpu);
}
