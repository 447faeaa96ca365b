using Gradwright.Checking;
using Gradwright.Kernels;
using Gradwright.Tests.Autograd;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Every sample of every op on each GPU against the CPU: values, kept values and gradients, in single and double precision, from any memory order.</summary>
[CompiledQuickly]
public sealed class GpuOpSampleTests
{
    private static IEnumerable<TestCaseData> Samples => Cases(_ => true);
    private static IEnumerable<TestCaseData> Differentiable => Cases(s => s.IsDifferentiable);

    [TestCaseSource(nameof(Samples))]
    public void Values_agree_with_the_processor(string device, OpSample sample)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        foreach (DType dtype in Types(gpu)) AssertParity(sample.CheckParity(gpu, dtype), dtype);
        TestRun.CountGpuSample(gpu, sample.Op.GetType());
    }

    [TestCaseSource(nameof(Samples))]
    public void Memory_order_of_the_operands_does_not_matter(string device, OpSample sample)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Tensor[] x = sample.MakeOperands(DType.Float32), moved = Move(x, gpu);
        Tensor[] expected = sample.ResultsOn(CpuAccelerator.Instance, x);
        foreach ((string name, Func<Tensor, Tensor> make) in OperandLayouts.All)
        {
            ParityReport report = ParityReport.Compare(sample.ResultsOn(gpu, [.. moved.Select(make)]), expected);
            Assert.That(report.Error, Is.LessThanOrEqualTo(ParityReport.Tolerance(DType.Float32)), $"{name}: {report.Worst}");
        }
    }

    [TestCaseSource(nameof(Differentiable))]
    public void Gradients_agree_with_the_processor(string device, OpSample sample)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        foreach (DType dtype in Types(gpu)) AssertParity(sample.CheckParity(gpu, dtype, gradients: true), dtype);
    }

    [TestCaseSource(nameof(Differentiable))]
    public void Derivatives_agree_with_finite_differences_on_the_device(string device, OpSample sample)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        if (!gpu.Traits.HasDouble) Assert.Ignore("gradients are checked in double precision");
        Accelerator before = Accelerator.Default;
        try
        {
            Accelerator.Default = gpu;
            // A few elements and, since there are more, a random direction through all of them: a launch for each is what takes time here.
            GradCheckOptions few = new() { MaxElements = 6 };
            GradCheckReport report = sample.CheckGradient(few);
            Assert.That(report.Passed, report.ToString());
            if (!sample.TwiceDifferentiable) return;
            report = sample.CheckSecondDerivative(few);
            Assert.That(report.Passed, report.ToString());
        }
        finally
        {
            Accelerator.Default = before;
        }
    }

    /// <summary>
    /// Groups, warps, vectors and the ways that are chosen by them as on a CUDA device, with the positions of tensors of billions of elements; tiles small enough for a
    /// processor's compiler.
    /// </summary>
    [TestCaseSource(nameof(Samples))]
    public void The_groups_of_another_kind_of_device_and_positions_of_64_bits_give_the_same(string device, OpSample sample)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        TuningTable other = TuningTable.For(gpu.Traits with { Api = "CUDA", IsProcessor = false, Units = 4 });
        AssertParity(gpu, sample, other with { Gemm = new(64, 64, 16, 4, 4), Attention = gpu.Tuning.Attention, WideFrom = 0 });
    }

    [TestCaseSource(nameof(Samples))]
    public void Nothing_is_left_in_the_pool(string device, OpSample sample)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        PoolStatistics before = default;
        for (int pass = 0; pass < 2; pass++)
        {
            // The first pass may fill caches that stay.
            if (pass == 1) before = gpu.Pool.Statistics;
            Tensor[] host = sample.MakeOperands(DType.Float32), x = Move(host, gpu);
            foreach (Tensor y in sample.ResultsOn(gpu, x)) y.Dispose();
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
                yield return new TestCaseData(device, OpSamples.All[0]).SetArgDisplayNames(device, $"all {OpSamples.All.Count(which)} samples");
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

    private static Tensor[] Move(Tensor[] x, GpuAccelerator gpu) => [.. x.Select(t => new Transfer(t.Accelerator, gpu).Execute(t))];

    private static void AssertParity(GpuAccelerator gpu, OpSample sample, TuningTable tuning)
    {
        TuningTable own = gpu.Tuning;
        gpu.Tuning = tuning;
        try
        {
            AssertParity(sample.CheckParity(gpu, DType.Float32), DType.Float32);
            if (sample.IsDifferentiable) AssertParity(sample.CheckParity(gpu, DType.Float32, gradients: true), DType.Float32);
        }
        finally
        {
            gpu.Tuning = own;
        }
    }

    private static void AssertParity(ParityReport report, DType dtype) => Assert.That(report.Error, Is.LessThanOrEqualTo(ParityReport.Tolerance(dtype)), $"{dtype}: {report.Worst}");
}
