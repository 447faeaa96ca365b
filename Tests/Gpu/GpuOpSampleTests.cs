using Gradwright.Checking;
using Gradwright.Kernels;
using Gradwright.Tests.Autograd;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Every sample of every op on each GPU against the CPU: values, kept values and gradients, in single and double precision, from any memory order.</summary>
public sealed class GpuOpSampleTests
{
    private static IEnumerable<TestCaseData> Samples => Cases(_ => true);
    private static IEnumerable<TestCaseData> Differentiable => Cases(s => s.IsDifferentiable);

    [TestCaseSource(nameof(Samples))]
    public void Values_agree_with_the_processor(string device, OpSample sample)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        foreach (DType dtype in Types(gpu))
        {
            using TensorScope scope = new();
            Tensor[] x = sample.MakeOperands(dtype);
            AssertSame(Execute(OnDevice(sample.Op, gpu), Move(x, gpu)), Execute(sample.Op, x), dtype, "");
        }

        TestRun.CountGpuSample(gpu, sample.Op.GetType());
    }

    [TestCaseSource(nameof(Samples))]
    public void Memory_order_of_the_operands_does_not_matter(string device, OpSample sample)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Tensor[] x = sample.MakeOperands(DType.Float32), moved = Move(x, gpu);
        Tensor[] expected = Execute(sample.Op, x);
        Op op = OnDevice(sample.Op, gpu);
        foreach ((string name, Func<Tensor, Tensor> make) in OperandLayouts.All)
            AssertSame(Execute(op, [.. moved.Select(make)]), expected, DType.Float32, name);
    }

    [TestCaseSource(nameof(Differentiable))]
    public void Gradients_agree_with_the_processor(string device, OpSample sample)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        if (sample.Op is Transfer) Assert.Ignore("crosses accelerators by itself");
        foreach (DType dtype in Types(gpu))
        {
            using TensorScope scope = new();
            Tensor[] x = sample.MakeOperands(dtype);
            AssertSame(Gradients(sample, Move(x, gpu), gpu), Gradients(sample, x, CpuAccelerator.Instance), dtype, "gradient");
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void Nothing_is_left_in_the_pool(string device, OpSample sample)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        PoolStatistics before = default;
        Op op = OnDevice(sample.Op, gpu);
        for (int pass = 0; pass < 2; pass++)
        {
            // The first pass may fill caches that stay.
            if (pass == 1) before = gpu.Pool.Statistics;
            Tensor[] host = sample.MakeOperands(DType.Float32), x = Move(host, gpu);
            foreach (bool keep in new[] { false, true })
                foreach (Tensor y in Execute(op, x, keep)) y.Dispose();
            foreach (Tensor t in host.Concat(x)) t.Dispose();
        }

        PoolStatistics after = gpu.Pool.Statistics;
        Assert.That((after.LiveBlocks, after.LiveBytes), Is.EqualTo((before.LiveBlocks, before.LiveBytes)));
    }

    private static IEnumerable<DType> Types(GpuAccelerator gpu) => gpu.Traits.HasDouble ? [DType.Float32, DType.Float64] : [DType.Float32];

    private static IEnumerable<TestCaseData> Cases(Func<OpSample, bool> which)
    {
        foreach (string device in GpuDevices.Names)
        {
            if (!GpuDevices.IsHere(device))
            {
                yield return new TestCaseData(device, OpSamples.All[0]).SetArgDisplayNames(device, "all samples");
                continue;
            }

            Dictionary<string, int> seen = [];
            foreach (OpSample sample in OpSamples.All)
            {
                string name = sample.ToString();
                int repetition = seen[name] = seen.GetValueOrDefault(name) + 1;
                if (which(sample)) yield return new TestCaseData(device, sample).SetArgDisplayNames(device, repetition == 1 ? name : $"{name} no. {repetition}");
            }
        }
    }

    /// <summary>A transfer goes from where its operand is.</summary>
    private static Op OnDevice(Op op, GpuAccelerator gpu) => op is Transfer ? new Transfer(gpu, CpuAccelerator.Instance) : op;

    private static Tensor[] Move(Tensor[] x, GpuAccelerator gpu) => [.. x.Select(t => new Transfer(t.Accelerator, gpu).Execute(t))];

    private static Tensor[] Execute(Op op, Tensor[] x, bool keep = true)
    {
        // An op without operands runs on the default accelerator.
        Accelerator before = Accelerator.Default;
        try
        {
            if (x.Length > 0) Accelerator.Default = x[0].Accelerator;
            Op.Outputs outputs = default;
            op.Execute(x, outputs, keep);
            return [.. ((ReadOnlySpan<Tensor?>)outputs).ToArray().OfType<Tensor>()];
        }
        finally
        {
            Accelerator.Default = before;
        }
    }

    private static Tensor[] Gradients(OpSample sample, Tensor[] x, Accelerator accelerator)
    {
        using Tape tape = new();
        Tensor[] variables = [.. x.Where((_, i) => sample.IsVariable(i))];
        foreach (Tensor t in variables) tape.Watch(t);
        Op.Outputs outputs = default;
        Tape.Apply(sample.Op, x, outputs);
        Tensor[] y = [.. ((ReadOnlySpan<Tensor?>)outputs)[..sample.Op.OutputCount].ToArray().Select(t => t!)];
        Tensor weighed = OpSample.Weigh(y, t => t.To(accelerator));
        return [.. tape.Gradients(weighed, variables).Select(TensorScope.Keep)];
    }

    private static void AssertSame(Tensor[] actual, Tensor[] expected, DType dtype, string what)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length));
        for (int j = 0; j < expected.Length; j++)
        {
            Assert.That((actual[j].Shape, actual[j].DType), Is.EqualTo((expected[j].Shape, expected[j].DType)), $"{dtype} {what}, result {j}");
            double tolerance = expected[j].DType switch { DType.Float32 => 1e-5, DType.Float64 => 1e-12, _ => 0 };
            Values.AssertClose(HostValues.Of(actual[j]), HostValues.Of(expected[j]), tolerance, $"{dtype} {what}, result {j}");
        }
    }
}
