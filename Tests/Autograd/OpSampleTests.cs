using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

/// <summary>What holds for every op, tried on every sample.</summary>
public sealed class OpSampleTests
{
    private static readonly DType[] _floating = [DType.Float32, DType.Float64];

    private static IEnumerable<TestCaseData> Samples => Cases(_ => true);
    private static IEnumerable<TestCaseData> WithReference => Cases(s => s.Reference is not null);
    private static IEnumerable<TestCaseData> Differentiable => Cases(s => s.IsDifferentiable);
    private static IEnumerable<TestCaseData> TwiceDifferentiable => Cases(s => s.IsDifferentiable && s.TwiceDifferentiable);

    [TestCaseSource(nameof(WithReference))]
    public void Values_equal_the_reference(OpSample sample)
    {
        foreach (DType dtype in _floating)
        {
            using TensorScope scope = new();
            Tensor[] x = sample.MakeOperands(dtype);
            Tensor y = Execute(sample.Op, x)[0];
            double[][] operands = [.. x.Select(t => HostValues.Of(t.Expand(y.Shape)))];
            double[] actual = HostValues.Of(y), expected = [.. actual.Select((_, i) => sample.Reference!([.. operands.Select(o => o[i])]))];
            double precision = dtype == DType.Float32 ? 1.2e-7 : 2.3e-16;
            Values.AssertClose(actual, expected, sample.Tolerance * precision, dtype.ToString());
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void Float_agrees_with_double(OpSample sample)
    {
        using TensorScope scope = new();
        Tensor[] single = sample.MakeOperands(DType.Float32);
        Tensor[] twice = [.. single.Select(Widen)];
        Tensor[] a = Execute(sample.Op, single), b = Execute(sample.Op, twice);
        Assert.That(a.Select(t => t.Shape), Is.EqualTo(b.Select(t => t.Shape)));
        for (int j = 0; j < a.Length; j++) Values.AssertClose(HostValues.Of(a[j]), HostValues.Of(b[j]), a[j].DType.IsFloating ? 1e-5 : 0, $"output {j}");
        TestRun.CountSample(sample.Op.GetType());
    }

    [TestCaseSource(nameof(Differentiable))]
    public void Gradients_agree_with_finite_differences(OpSample sample)
    {
        GradCheckReport report = TestRun.Once((sample, 1), () => sample.CheckGradient());
        Assert.That(report.Passed, report.ToString());
        TestRun.CountGradientCheck();
    }

    [TestCaseSource(nameof(TwiceDifferentiable))]
    public void Second_derivatives_agree_with_finite_differences(OpSample sample)
    {
        GradCheckReport report = TestRun.Once((sample, 2), () => sample.CheckSecondDerivative());
        Assert.That(report.Passed, report.ToString());
        TestRun.CountGradientCheck();
    }

    [TestCaseSource(nameof(Samples))]
    public void Sixteen_bits_are_stored_and_Float32_is_computed_with(OpSample sample)
    {
        foreach (DType half in (DType[])[DType.BFloat16, DType.Float16])
            for (int order = 0; order <= (sample.IsDifferentiable ? 1 : 0); order++)
            {
                ParityReport report = sample.CheckAgainstDouble(CpuAccelerator.Instance, half, order);
                Assert.That(report.Error, Is.LessThanOrEqualTo(sample.HalfSlack * ParityReport.Tolerance(half, order)), $"{half}, order {order}: {report.Worst}");
            }
    }

    [TestCaseSource(nameof(Samples))]
    public void Memory_order_of_the_operands_does_not_matter(OpSample sample)
    {
        foreach (DType dtype in _floating)
        {
            using TensorScope scope = new();
            Tensor[] x = sample.MakeOperands(dtype);
            Tensor[] expected = Execute(sample.Op, x);
            double tolerance = dtype == DType.Float32 ? 1e-5 : 1e-12;      // sums may be taken in another order
            foreach ((string name, Func<Tensor, Tensor> make) in OperandLayouts.All)
            {
                AssertSame(Execute(sample.Op, [.. x.Select(make)]), expected, tolerance, $"{dtype}, {name}");
                for (int i = 0; x.Length > 1 && i < x.Length; i++)
                {
                    Tensor[] mixed = [.. x];
                    mixed[i] = make(x[i]);
                    AssertSame(Execute(sample.Op, mixed), expected, tolerance, $"{dtype}, operand {i}: {name}");
                }
            }
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void Repeated_elements_may_have_stride_zero(OpSample sample)
    {
        using TensorScope scope = new();
        Tensor[] x = sample.MakeOperands(DType.Float64);
        for (int i = 0; i < x.Length; i++)
            for (int axis = 0; axis < x[i].Rank; axis++)
            {
                Tensor[] repeated = [.. x], plain = [.. x];
                (repeated[i], plain[i]) = OperandLayouts.Expanded(x[i], axis);
                Tensor[] expected;
                try
                {
                    expected = Execute(sample.Op, plain);
                }
                catch (ArithmeticException)
                {
                    // Equal rows make a matrix singular, however they lie in memory.
                    Assert.That(() => Execute(sample.Op, repeated), Throws.TypeOf<ArithmeticException>());
                    continue;
                }

                AssertSame(Execute(sample.Op, repeated), expected, 1e-12, $"operand {i} repeated along {axis}");
            }
    }

    [TestCaseSource(nameof(Differentiable))]
    public void Gradients_do_not_depend_on_memory_order(OpSample sample)
    {
        using TensorScope scope = new();
        Tensor[] x = sample.MakeOperands(DType.Float64);
        Tensor[] expected = Gradients(sample, x, static t => t);
        foreach ((string name, Func<Tensor, Tensor> make) in OperandLayouts.All)
        {
            AssertSame(Gradients(sample, [.. x.Select(make)], static t => t), expected, 1e-12, $"operands {name}");
            AssertSame(Gradients(sample, x, make), expected, 1e-12, $"arriving gradient {name}");
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void Operands_are_left_as_they_were(OpSample sample)
    {
        using TensorScope scope = new();
        foreach (Func<Tensor, Tensor> make in OperandLayouts.All.Select(l => l.Make).Prepend(static t => t))
        {
            Tensor[] x = [.. sample.MakeOperands(DType.Float64).Select(make)];
            double[][] values = [.. x.Select(HostValues.Of)];
            int[] versions = [.. x.Select(t => t.Buffer.Version)];
            Execute(sample.Op, x);
            Assert.That(x.Select(t => t.Buffer.Version), Is.EqualTo(versions));
            Assert.That(x.Select(HostValues.Of), Is.EqualTo(values));
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void Nothing_is_left_in_the_pool(OpSample sample)
    {
        MemoryPool pool = CpuAccelerator.Instance.Pool;
        PoolStatistics before = pool.Statistics;
        foreach (Func<Tensor, Tensor> make in OperandLayouts.All.Select(l => l.Make).Prepend(static t => t.Alias()))
        {
            // Outside any scope: what the kernel makes for itself it has to free itself.
            Tensor[] x = sample.MakeOperands(DType.Float64), views = [.. x.Select(make)];
            foreach (bool keep in new[] { false, true })
                foreach (Tensor y in Execute(sample.Op, views, keep)) y.Dispose();
            foreach (Tensor t in x.Concat(views)) t.Dispose();
            PoolStatistics after = pool.Statistics;
            Assert.That((after.LiveBlocks, after.LiveBytes), Is.EqualTo((before.LiveBlocks, before.LiveBytes)));
        }
    }

    [TestCaseSource(nameof(Differentiable))]
    public void A_tape_leaves_nothing_but_gradients(OpSample sample)
    {
        MemoryPool pool = CpuAccelerator.Instance.Pool;
        Tensor[] x = sample.MakeOperands(DType.Float64);
        PoolStatistics before = pool.Statistics;
        for (int pass = 0; pass < 2; pass++)
        {
            using Tape tape = new();
            Tensor y = OpSample.Weigh(Record(sample, tape, x), static t => t);
            tape.Backward(y, retain: pass == 0);
            if (pass == 0) tape.Backward(y);
        }

        PoolStatistics after = pool.Statistics;
        int gradients = x.Count(t => t.Grad is not null);
        Assert.That(gradients, Is.EqualTo(DifferentiableOperands(sample, x).Length));
        Assert.That(after.LiveBlocks - before.LiveBlocks, Is.EqualTo(gradients));
        Assert.That(after.LiveBytes - before.LiveBytes, Is.EqualTo(x.Sum(t => (t.Grad?.Count ?? 0) * sizeof(double))));
        foreach (Tensor t in x) t.Dispose();
    }

    [Test]
    public void One_and_two_threads_give_the_same_bits()
    {
        double[][][] one = All(1), two = All(2);
        for (int i = 0; i < one.Length; i++) Assert.That(two[i], Is.EqualTo(one[i]), OpSamples.All[i].ToString());

        static double[][][] All(int threads)
        {
            using (Threads.Use(threads)) return [.. OpSamples.All.Select(Bits)];
        }

        // Elementwise operands are stretched until the loop is cut into several tasks.
        static double[][] Bits(OpSample sample)
        {
            using TensorScope scope = new();
            bool stretch = sample.Reference is not null && sample.Operands.All(o => o.Values is null && o.Shape == sample.Operands[0].Shape);
            if (stretch) sample = sample with { Operands = [.. sample.Operands.Select(o => o with { Shape = [3, 30_001] })] };
            return [.. Execute(sample.Op, sample.MakeOperands(DType.Float32)).Select(HostValues.Of)];
        }
    }

    private static IEnumerable<TestCaseData> Cases(Func<OpSample, bool> which)
    {
        Dictionary<string, int> seen = [];
        foreach (OpSample sample in OpSamples.All)
        {
            string name = sample.ToString();
            int repetition = seen[name] = seen.GetValueOrDefault(name) + 1;
            if (which(sample)) yield return new TestCaseData(sample).SetArgDisplayNames(repetition == 1 ? name : $"{name} no. {repetition}");
        }
    }

    private static Tensor[] DifferentiableOperands(OpSample sample, Tensor[] x) => [.. x.Where((_, i) => sample.IsVariable(i))];

    /// <summary>Outputs, and kept ones if wanted, without a tape.</summary>
    private static Tensor[] Execute(Op op, Tensor[] x, bool keep = false)
    {
        Op.Outputs outputs = default;
        op.Execute(x, outputs, keep);
        return [.. ((ReadOnlySpan<Tensor?>)outputs).ToArray().OfType<Tensor>()];
    }

    private static Tensor[] Record(OpSample sample, Tape tape, Tensor[] x)
    {
        foreach (Tensor t in DifferentiableOperands(sample, x)) tape.Watch(t);
        Op.Outputs outputs = default;
        Tape.Apply(sample.Op, x, outputs);
        return [.. ((ReadOnlySpan<Tensor?>)outputs)[..sample.Op.OutputCount].ToArray().Select(y => y!)];
    }

    private static Tensor[] Gradients(OpSample sample, Tensor[] x, Func<Tensor, Tensor> layout)
    {
        using Tape tape = new();
        Tensor[] gradients = tape.Gradients(OpSample.Weigh(Record(sample, tape, x), layout), DifferentiableOperands(sample, x));
        return [.. gradients.Select(TensorScope.Keep)];
    }

    private static Tensor Widen(Tensor x) => x.DType == DType.Float32 ? Tensor.From(HostValues.Of(x), x.Shape) : x;

    private static void AssertSame(Tensor[] actual, Tensor[] expected, double tolerance, string what)
    {
        for (int j = 0; j < expected.Length; j++)
        {
            Assert.That(actual[j].Shape, Is.EqualTo(expected[j].Shape), what);
            Values.AssertClose(HostValues.Of(actual[j]), HostValues.Of(expected[j]), expected[j].DType.IsFloating ? tolerance : 0, $"{what}, result {j}");
        }
    }
}
