using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Matrix products against sums in double precision, in every vector shape, layout and cut.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public sealed unsafe class GemmTests<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The vector shapes a test runs in.</summary>
    public enum Shape { Vector512, Vector256, Vector128, Scalar, Widest }

    private static readonly int[] _edges = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 25, 31, 32, 33, 47, 65];

    private static double Tolerance => typeof(T) == typeof(float) ? 1e-5 : 1e-13;

    [Test]
    public void Sizes_around_every_tile_edge([Values] Shape shape, [Values] bool turnA, [Values] bool turnB)
    {
        foreach (int m in _edges)
            foreach (int n in _edges)
                Check(new Problem(m, n, (7 * m + 3 * n) % 40 + 1) { TurnA = turnA, TurnB = turnB }, shape);
    }

    [TestCase(1, 300, 500)]
    [TestCase(300, 1, 500)]
    [TestCase(5, 130, 1300)]
    [TestCase(130, 5, 1300)]
    [TestCase(150, 530, 70)]
    [TestCase(300, 67, 645)]
    [TestCase(301, 520, 321)]
    public void Sizes_of_several_blocks(int m, int n, int k)
    {
        foreach (bool turnA in new[] { false, true })
            foreach (bool turnB in new[] { false, true })
                Check(new Problem(m, n, k) { TurnA = turnA, TurnB = turnB });
    }

    [Test]
    public void Power_of_two_strides_are_copied_and_equal()
        => Check(new Problem(37, 300, 600) { GapA = 1024 - 600, GapB = 1024 - 300 });

    [Test]
    public void Any_strides_of_both_operands([Values] Shape shape, [Values(1, 4, 19, 300)] int m, [Values(1, 9, 40)] int n)
        => Check(new Problem(m, n, 35) { ElementA = 3, ElementB = 2, GapA = 5, GapB = 1 }, shape);

    [Test]
    public void C_keeps_what_lies_between_its_rows_and_after_them([Values] Shape shape)
    {
        foreach (int n in _edges) Check(new Problem(14, n, 9) { GapC = 3 }, shape);
    }

    [Test]
    public void C_may_be_stored_by_columns([Values] Shape shape, [Values(1, 13, 40)] int m, [Values(1, 5, 33)] int n)
    {
        foreach (bool accumulate in new[] { false, true })
            Check(new Problem(m, n, 21) { TurnC = true, GapC = 2, Bias = true, RowBias = true, Accumulate = accumulate, Activation = Activation.Relu }, shape);
    }

    [TestCase(64, 96, 700)]
    [TestCase(13, 33, 17)]
    [TestCase(1, 70, 50)]
    [TestCase(70, 1, 50)]
    [TestCase(8, 16, 16)]
    [TestCase(40, 7, 200)]
    [TestCase(7, 40, 200)]
    [TestCase(9, 20, 0)]
    public void Bias_activation_and_accumulation_in_every_combination(int m, int n, int k)
    {
        for (int bits = 0; bits < 64; bits++)
        {
            Check(new Problem(m, n, k)
            {
                Accumulate = (bits & 1) != 0, Bias = (bits & 2) != 0, RowBias = (bits & 4) != 0,
                Activation = (bits & 8) != 0 ? Activation.Relu : Activation.None, TurnB = (bits & 16) != 0, TurnA = (bits & 32) != 0,
            });
        }
    }

    [TestCase(40, 70, 700)]
    [TestCase(13, 33, 17)]
    [TestCase(1, 70, 50)]
    [TestCase(70, 1, 50)]
    [TestCase(7, 40, 0)]
    public void A_sum_and_every_activation_at_the_end(int m, int n, int k)
    {
        foreach (Activation activation in (Activation[])[Activation.None, Activation.Relu, Activation.Relu6, Activation.HardSwish])
            foreach (bool turnB in new[] { false, true })
                foreach (bool adds in new[] { false, true })
                    Check(new Problem(m, n, k) { Activation = activation, Adds = adds, Bias = true, Accumulate = adds, TurnB = turnB, Batch = 2, GapC = 3 });
    }

    [TestCase(32, 33, 4100)]
    [TestCase(1, 300, 900)]
    public void A_K_in_parts_keeps_bias_sum_and_activation(int m, int n, int k)
    {
        foreach (Shape shape in Enum.GetValues<Shape>())
            foreach (bool accumulate in new[] { false, true })
                Check(new Problem(m, n, k) { Accumulate = accumulate, Bias = true, RowBias = true, Adds = true, GapA = 1, GapC = 5, Activation = Activation.HardSwish }, shape);
    }

    [Test]
    public void A_right_side_in_panels_gives_the_same([Values] Shape shape, [Values(1, 5, 12, 13, 65)] int m, [Values(1, 31, 33, 300)] int n)
    {
        foreach (int k in new[] { 1, 40, 1300 })
            foreach (bool turnB in new[] { false, true })
                Check(new Problem(m, n, k) { Panels = true, TurnB = turnB, Bias = true, Adds = k == 40, Activation = Activation.Relu6 }, shape);
    }

    [Test]
    public void An_empty_sum_is_zero_or_the_bias()
    {
        Check(new Problem(5, 7, 0));
        Check(new Problem(5, 7, 0) { Bias = true, RowBias = true });
        Check(new Problem(5, 7, 0) { Accumulate = true });
        Check(new Problem(5, 7, 0) { Batch = 3, Bias = true });
    }

    [Test]
    public void No_rows_columns_or_products_write_nothing()
    {
        Check(new Problem(0, 7, 3) { Bias = true });
        Check(new Problem(7, 0, 3) { RowBias = true });
        Check(new Problem(7, 7, 3) { Batch = 0 });
    }

    [Test]
    public void Batches_with_and_without_repeated_operands([Values(1, 2, 3, 5, 40)] int batch, [Values(1, 2, 3, 5)] int threads)
    {
        using var pool = new WorkerPool(threads);
        foreach ((int m, int n, int k) in new[] { (3, 4, 5), (33, 45, 50), (1, 90, 64), (90, 1, 64), (6, 60, 300) })
        {
            Check(new Problem(m, n, k) { Batch = batch }, pool: pool);
            Check(new Problem(m, n, k) { Batch = batch, RepeatA = true, Accumulate = true }, pool: pool);
            Check(new Problem(m, n, k) { Batch = batch, RepeatB = true, Bias = true, TurnB = true }, pool: pool);
        }
    }

    [TestCase(200, 150, 300)]
    [TestCase(1, 6000, 60)]
    [TestCase(3000, 1, 60)]
    [TestCase(400, 9, 260)]
    [TestCase(9, 400, 260)]
    [TestCase(500, 37, 1500)]
    [TestCase(13, 40, 8200)]
    [TestCase(1, 300, 900)]
    public void The_number_of_threads_changes_no_bit(int m, int n, int k)
    {
        foreach (bool turnA in new[] { false, true })
            foreach (bool turnB in new[] { false, true })
                foreach (int batch in new[] { 1, 3 })
                {
                    var problem = new Problem(m, n, k) { TurnA = turnA, TurnB = turnB, Batch = batch, Bias = true, Activation = Activation.Relu };
                    using var single = new WorkerPool(1);
                    T[] expected = Check(problem, pool: single);
                    foreach (int threads in new[] { 2, 3, 5 })
                    {
                        using var pool = new WorkerPool(threads);
                        using var operands = new Operands(problem);
                        Gemm.Run(operands.Arguments, pool);
                        var actual = new ReadOnlySpan<T>(operands.C, expected.Length);
                        Assert.That(MemoryMarshal.AsBytes(actual).SequenceEqual(MemoryMarshal.AsBytes<T>(expected)), $"{problem}, {threads} threads");
                    }
                }
    }

    [Test]
    public void Taps_add_up_shifted_products([Values] Shape shape, [Values(1, 13, 300)] int m, [Values(1, 33, 70)] int n, [Values(1, 20, 90)] int k)
    {
        Check(new Problem(m, n, k) { Taps = 3, GapB = 5, RowBias = true }, shape);
        Check(new Problem(m, n, k) { Taps = 2, GapA = 1, GapB = 2, GapC = 3, Accumulate = true, Activation = Activation.Relu }, shape);
    }

    [Test]
    public void Infinity_times_zero_is_not_skipped([Values] Shape shape)
    {
        var problem = new Problem(5, 6, 20);
        using var operands = new Operands(problem);
        operands.A[3] = T.Zero;
        operands.B[3 * 6 + 2] = T.PositiveInfinity;
        Run(operands.Arguments, shape, null);
        for (int j = 0; j < 6; j++) Assert.That(T.IsNaN(operands.C[j]), Is.EqualTo(j == 2));
    }

    [Test]
    public void Relu_keeps_not_a_number_and_drops_the_sign_of_zero()
    {
        var problem = new Problem(1, 3, 1) { Activation = Activation.Relu };
        using var operands = new Operands(problem);
        operands.A[0] = T.One;
        operands.B[0] = T.NaN;
        operands.B[1] = -T.One;
        operands.B[2] = T.One;
        Gemm.Run(operands.Arguments);
        Assert.That(T.IsNaN(operands.C[0]));
        Assert.That(operands.C[1], Is.EqualTo(T.Zero));
        Assert.That(operands.C[2], Is.EqualTo(T.One));
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        using var operands = new Operands(new Problem(4, 5, 6));
        GemmArguments<T> strided = operands.Arguments with { RowC = 10, ColC = 2 };
        Assert.That(() => Gemm.Run(strided), Throws.ArgumentException.With.Message.Contains("[10, 2]"));
        GemmArguments<T> negative = operands.Arguments with { K = -6 };
        Assert.That(() => Gemm.Run(negative), Throws.ArgumentException.With.Message.Contains("-6"));
        GemmArguments<T> turned = operands.Arguments with { Taps = 2, RowB = 1, ColB = 6 };
        Assert.That(() => Gemm.Run(turned), Throws.ArgumentException.With.Message.Contains("2 taps"));
    }

    [Test]
    public void A_call_allocates_nothing()
    {
        using var operands = new Operands(new Problem(90, 80, 70) { TurnB = true, Bias = true });
        Gemm.Run(operands.Arguments);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) Gemm.Run(operands.Arguments);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static void RunPacked<V, S>(GemmArguments<T> a, WorkerPool? pool) where V : struct where S : struct, ISimd<T, V>
    {
        int panel = BlockedProduct<T, V, S>.TileColumns;
        T* packed = (T*)NativeMemory.AlignedAlloc((nuint)((a.N + panel - 1) / panel * panel * a.K * sizeof(T)), 64);
        GemmPacking<T, V, S>.PackColumns(a.B, a.RowB, a.ColB, a.K, a.N, packed);
        (a.RowB, a.ColB, a.PanelB) = (0, 1, (nint)a.K * panel);
        a.B = packed;
        Gemm.Run<T, V, S>(a, pool);
        NativeMemory.AlignedFree(packed);
    }

    private static void RunPacked(in GemmArguments<T> arguments, Shape shape, WorkerPool? pool)
    {
        if (shape == Shape.Widest) shape = Vector512.IsHardwareAccelerated ? Shape.Vector512 : Shape.Vector256;
        if (shape == Shape.Vector512) RunPacked<Vector512<T>, Simd512<T>>(arguments, pool);
        else if (shape == Shape.Vector256) RunPacked<Vector256<T>, Simd256<T>>(arguments, pool);
        else if (shape == Shape.Vector128) RunPacked<Vector128<T>, Simd128<T>>(arguments, pool);
        else RunPacked<T, SimdScalar<T>>(arguments, pool);
    }

    private static void Run(in GemmArguments<T> arguments, Shape shape, WorkerPool? pool)
    {
        if (shape == Shape.Widest) Gemm.Run(arguments, pool);
        else if (shape == Shape.Vector512) Gemm.Run<T, Vector512<T>, Simd512<T>>(arguments, pool);
        else if (shape == Shape.Vector256) Gemm.Run<T, Vector256<T>, Simd256<T>>(arguments, pool);
        else if (shape == Shape.Vector128) Gemm.Run<T, Vector128<T>, Simd128<T>>(arguments, pool);
        else Gemm.Run<T, T, SimdScalar<T>>(arguments, pool);
    }

    /// <summary>Runs a problem, compares all of C's memory with the reference, and returns it.</summary>
    private static T[] Check(Problem problem, Shape shape = Shape.Widest, WorkerPool? pool = null)
    {
        if (shape == Shape.Vector512 && !Vector512.IsHardwareAccelerated) Assert.Ignore("This machine has no 512-bit vectors.");
        using var operands = new Operands(problem);
        double[] expected = operands.Expected();
        if (problem.Panels) RunPacked(operands.Arguments, shape, pool);
        else Run(operands.Arguments, shape, pool);
        double largest = 1;
        foreach (double value in expected) largest = Math.Max(largest, Math.Abs(value));
        for (int i = 0; i < expected.Length; i++)
        {
            double actual = double.CreateChecked(operands.C[i]);
            if (!(Math.Abs(actual - expected[i]) <= Tolerance * largest))
                Assert.Fail($"{problem} in {shape}: C[{i}] of {expected.Length} is {actual}, expected {expected[i]}");
        }

        return new ReadOnlySpan<T>(operands.C, expected.Length).ToArray();
    }

    /// <summary>What is multiplied and how it lies in memory; gaps are elements between rows (or columns, if turned).</summary>
    private sealed record Problem(int M, int N, int K)
    {
        public bool TurnA, TurnB, TurnC, Accumulate, Bias, RowBias, RepeatA, RepeatB, Adds, Panels;
        public int GapA, GapB, GapC, ElementA = 1, ElementB = 1, Batch = 1, Taps = 1;
        public Activation Activation;

        public override string ToString()
            => $"[{M}, {K}]{(TurnA ? "ᵀ" : "")} · [{K}, {N}]{(TurnB ? "ᵀ" : "")} × {Batch}{(TurnC ? " by columns" : "")}"
                + $"{(Accumulate ? " accumulate" : "")}{(Bias ? " bias" : "")}{(RowBias ? " row bias" : "")}{(Adds ? " sum" : "")}{(Panels ? " in panels" : "")} {Activation}";
    }

    /// <summary>Operands in native memory: pages are not shared with anything, and C ends in guard words.</summary>
    private sealed class Operands : IDisposable
    {
        private const int Guard = 64;

        public readonly GemmArguments<T> Arguments;
        private readonly int _lengthC;

        public Operands(Problem p)
        {
            var random = new Random(p.M * 31 + p.N * 17 + p.K);
            GemmArguments<T> a = new() { M = p.M, N = p.N, K = p.K, Batch = p.Batch, Accumulate = p.Accumulate, Activation = p.Activation };
            (a.RowA, a.ColA, int lengthA) = Layout(p.M, p.K, p.TurnA, p.ElementA, p.GapA);
            (a.RowB, a.ColB, int lengthB) = Layout(p.K, p.N, p.TurnB, p.ElementB, p.GapB);
            (a.RowC, a.ColC, int lengthC) = Layout(p.M, p.N, p.TurnC, 1, p.GapC);
            (a.StepA, a.StepB, a.StepC) = (p.RepeatA ? 0 : lengthA, p.RepeatB ? 0 : lengthB, lengthC);
            _lengthC = lengthC * p.Batch + Guard;
            (a.Taps, a.TapA, a.TapB) = (p.Taps, lengthA, 1);
            a.A = Allocate(random, lengthA * p.Batch * p.Taps);
            a.B = Allocate(random, lengthB * p.Batch + p.Taps);
            a.C = Allocate(random, _lengthC);
            if (p.Bias) a.Bias = Allocate(random, p.N);
            if (p.RowBias) a.RowBias = Allocate(random, p.M);
            if (p.Adds) a.Addend = Allocate(random, _lengthC);
            Arguments = a;
        }

        public T* A => Arguments.A;

        public T* B => Arguments.B;

        public T* C => Arguments.C;

        /// <summary>All of C's memory, gaps and guard included, as it must be afterwards.</summary>
        public double[] Expected()
        {
            var expected = new double[_lengthC];
            for (int i = 0; i < expected.Length; i++) expected[i] = double.CreateChecked(C[i]);
            GemmArguments<T> p = Arguments;
            for (int item = 0; item < p.Batch; item++)
                for (int i = 0; i < p.M; i++)
                    for (int j = 0; j < p.N; j++)
                    {
                        T* a = p.A + item * p.StepA + i * p.RowA, b = p.B + item * p.StepB + j * p.ColB;
                        long at = item * p.StepC + i * p.RowC + j * p.ColC;
                        double sum = p.Accumulate ? expected[at] : 0;
                        if (p.Bias != null) sum += double.CreateChecked(p.Bias[j]);
                        if (p.RowBias != null) sum += double.CreateChecked(p.RowBias[i]);
                        for (int tap = 0; tap < p.Taps; tap++, a += p.TapA, b += p.TapB)
                            for (int k = 0; k < p.K; k++) sum += double.CreateChecked(a[k * p.ColA]) * double.CreateChecked(b[k * p.RowB]);
                        if (p.Addend != null) sum += double.CreateChecked(p.Addend[at]);
                        expected[at] = p.Activation switch
                        {
                            Activation.Relu => Math.Max(sum, 0),
                            Activation.Relu6 => Math.Clamp(sum, 0, 6),
                            Activation.HardSwish => sum * Math.Clamp(sum / 6 + 0.5, 0, 1),
                            _ => sum,
                        };
                    }

            return expected;
        }

        public void Dispose()
        {
            NativeMemory.Free(Arguments.A);
            NativeMemory.Free(Arguments.B);
            NativeMemory.Free(Arguments.C);
            NativeMemory.Free(Arguments.Bias);
            NativeMemory.Free(Arguments.RowBias);
            NativeMemory.Free(Arguments.Addend);
        }

        private static (nint Row, nint Col, int Length) Layout(int rows, int cols, bool turned, int element, int gap)
        {
            (int outer, int inner) = turned ? (cols, rows) : (rows, cols);
            int line = inner * element + gap;
            return turned ? (element, line, outer * line) : (line, element, outer * line);
        }

        private static T* Allocate(Random random, int length)
        {
            var memory = (T*)NativeMemory.Alloc((nuint)Math.Max(length, 1), (nuint)sizeof(T));
            for (int i = 0; i < length; i++) memory[i] = T.CreateTruncating(random.NextDouble() * 2 - 1);
            return memory;
        }
    }

    [Test]
    public void A_scalar_is_no_factor_of_a_matrix_product()
    {
        using Tensor x = Tensor.Ones([2, 3]), scalar = Tensor.Scalar(2);
        Assert.That(() => x.MatMul(scalar), Throws.TypeOf<ShapeException>().With.Message.Contains("[2, 3] × b []").And.Message.Contains("Write a * b"));
    }
}
