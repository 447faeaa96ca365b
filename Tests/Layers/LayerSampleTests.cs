using Gradwright.Checking;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Tests.Gpu;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>What holds for every layer, tried on every sample.</summary>
public sealed class LayerSampleTests
{
    private static IEnumerable<TestCaseData> Samples => Named(_ => true).Select(s => new TestCaseData(s.Sample).SetArgDisplayNames(s.Name));
    private static IEnumerable<TestCaseData> TwiceDifferentiable => Named(s => s.TwiceDifferentiable).Select(s => new TestCaseData(s.Sample).SetArgDisplayNames(s.Name));
    private static IEnumerable<TestCaseData> OnGpus => GpuDevices.Names.SelectMany(device => GpuDevices.IsHere(device)
        ? Named(_ => true).Select(s => new TestCaseData(device, s.Sample).SetArgDisplayNames(device, s.Name))
        : [new TestCaseData(device, LayerSamples.All[0]).SetArgDisplayNames(device, $"all {LayerSamples.All.Count} samples")]);

    [Test]
    public void Every_layer_has_a_sample()
    {
        IEnumerable<Type> layers = typeof(Module).Assembly.GetTypes().Where(t => t.IsPublic && t.IsSubclassOf(typeof(Module)) && !t.IsAbstract);
        Assert.That(layers.Except(LayerSamples.All.Select(s => s.Layer)).Select(t => t.Name), Is.Empty, "add a line to LayerSamples");
    }

    [TestCaseSource(nameof(Samples))]
    public void Gradients_agree_with_finite_differences(LayerSample sample)
    {
        GradCheckReport report = TestRun.Once((sample, 1), () => sample.CheckGradient());
        Assert.That(report.Passed, report.ToString());
        TestRun.CountGradientCheck();
    }

    [TestCaseSource(nameof(TwiceDifferentiable))]
    public void Second_derivatives_agree_with_finite_differences(LayerSample sample)
    {
        GradCheckReport report = TestRun.Once((sample, 2), () => sample.CheckGradient(secondOrder: true));
        Assert.That(report.Passed, report.ToString());
        TestRun.CountGradientCheck();
    }

    [TestCaseSource(nameof(Samples))]
    public void Single_precision_agrees_with_double(LayerSample sample)
    {
        using TensorScope scope = new();
        double[][] a = [.. sample.ResultsOn(CpuAccelerator.Instance, DType.Float32, order: 0).Select(HostValues.Of)];
        double[][] b = [.. sample.ResultsOn(CpuAccelerator.Instance, DType.Float64, order: 0).Select(HostValues.Of)];
        for (int j = 0; j < b.Length; j++) Values.AssertClose(a[j], b[j], 2e-5, $"result {j}");
    }

    [TestCaseSource(nameof(Samples))]
    public void Mixed_precision_is_single_precision_up_to_rounding(LayerSample sample)
    {
        ParityReport report = sample.CheckMixed(CpuAccelerator.Instance, order: 1);
        Assert.That(report.Error, Is.LessThanOrEqualTo(sample.HalfSlack * LayerSample.HalfTolerance), report.Worst);
    }

    [TestCaseSource(nameof(OnGpus))]
    [Category(TestProgram.Devices)]
    [CompiledQuickly]
    public void A_device_agrees_with_the_processor(string device, LayerSample sample)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        foreach (DType dtype in gpu.Traits.HasDouble ? (DType[])[DType.Float32, DType.Float64] : [DType.Float32])
        {
            using TensorScope scope = new();
            ParityReport report = ParityReport.Compare(sample.ResultsOn(gpu, dtype, order: 1), sample.ResultsOn(CpuAccelerator.Instance, dtype, order: 1));
            Assert.That(report.Error, Is.LessThanOrEqualTo(2 * ParityReport.Tolerance(dtype)), $"{dtype}: {report.Worst}");
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void State_goes_into_a_layer_of_its_kind_and_gives_the_same_bits(LayerSample sample)
    {
        using TensorScope scope = new();
        using Module one = sample.Make(DType.Float32), two = sample.Make(DType.Float32);
        one.Initialize(new Generator(1));
        two.Initialize(new Generator(2));
        two.LoadState(one.StateDictionary());
        one.Eval();
        two.Eval();
        Tensor[] x = sample.MakeOperands(DType.Float32, CpuAccelerator.Instance);
        Assert.That(sample.Run(two, x).Select(HostValues.Of), Is.EqualTo(sample.Run(one, x).Select(HostValues.Of)));
    }

    [TestCaseSource(nameof(Samples))]
    public void A_step_leaves_nothing_but_gradients(LayerSample sample)
    {
        using Module module = sample.Create(DType.Float32, CpuAccelerator.Instance);
        Tensor[] x = sample.MakeOperands(DType.Float32, CpuAccelerator.Instance);
        MemoryPool pool = CpuAccelerator.Instance.Pool;
        long[] live = new long[3];
        for (int step = 0; step < live.Length; step++)
        {
            using (Tape tape = new())
            {
                Tensor y = sample.RunAsOne(module, x);
                if (module.Parameters().Count > 0) tape.Backward(y.Sum());
            }

            module.ZeroGrad();
            live[step] = pool.Statistics.LiveBytes;
        }

        // The first step may fill caches that stay.
        Assert.That(live[2], Is.EqualTo(live[1]));
        foreach (Tensor t in x) t.Dispose();
    }

    [TestCaseSource(nameof(Samples))]
    public void A_captured_step_gives_the_same_bits(LayerSample sample)
        => Assert.That(Train(sample, captured: true), Is.EqualTo(Train(sample, captured: false)));

    /// <summary>Losses of five steps in training mode, and the state after them.</summary>
    private static double[][] Train(LayerSample sample, bool captured)
    {
        using TensorScope scope = new();
        using Module module = sample.Create(DType.Float32, CpuAccelerator.Instance);
        Tensor[] operands = sample.MakeOperands(DType.Float32, CpuAccelerator.Instance);
        using Sgd? optimizer = module.Parameters().Count > 0 ? new Sgd(module.Parameters(), 0.01, momentum: 0.9) : null;
        Tensor[] Step(Tensor[] x)
        {
            using Tape tape = new();
            Tensor[] y = sample.Run(module, x);
            Tensor loss = y.Where(t => t.DType.IsFloating).Select(t => (t * t).Sum()).Aggregate((a, b) => a + b);
            if (tape.Takes(loss)) tape.Backward(loss);
            optimizer?.Step();
            optimizer?.ZeroGrad();
            return [TensorScope.Keep(loss)];
        }

        using CapturedStep? step = captured ? Capture.Of(operands.Length, Step) : null;
        List<double[]> results = [];
        for (int i = 0; i < 5; i++) results.Add(HostValues.Of(step is null ? Step(operands)[0] : step.Run(operands)));
        if (step is not null) Assert.That((step.Recordings, step.Repetitions), Is.EqualTo((1, 3L)));
        return [.. results, .. module.StateDictionary().Values.Select(HostValues.Of)];
    }

    [TestCaseSource(nameof(Samples))]
    public void Prints_as_its_constructor(LayerSample sample)
    {
        using Module module = sample.Make(DType.Float32);
        Assert.That(module.ToString(), Does.StartWith($"{sample.Layer.Name}("));
    }

    private static IEnumerable<(string Name, LayerSample Sample)> Named(Func<LayerSample, bool> which)
    {
        Dictionary<string, int> seen = [];
        foreach (LayerSample sample in LayerSamples.All)
        {
            string name = sample.ToString();
            int repetition = seen[name] = seen.GetValueOrDefault(name) + 1;
            if (which(sample)) yield return (repetition == 1 ? name : $"{name} no. {repetition}", sample);
        }
    }
}
