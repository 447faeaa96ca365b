using Gradwright.Kernels;
using Gradwright.Optim;
using Gradwright.Tests.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Optimizers and clipping of parameters on a GPU: the processor's trajectories, states, checkpoints and errors.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuOptimizerTests(string device)
{
    private const int Steps = 20;

    private static readonly (Shape, DType)[] _tensors =
        [.. ((Shape[])[[], [1], [7], [3, 5], [0], [17, 33], [64], [511], [512], [513], [131, 257], [5]]).SelectMany(shape => ((DType[])[DType.Float32, DType.Float64]).Select(dtype => (shape, dtype)))];

    [TestCaseSource(typeof(AllOptimizers), nameof(AllOptimizers.Cases))]
    public void Trajectories_are_the_processors(Func<Tensor[], Optimizer> make)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TestModel there = new(gpu, _tensors), here = new(_tensors);
        using Optimizer first = make(there.Parameters), second = make(here.Parameters);
        for (int t = 1; t <= Steps; t++)
        {
            AllOptimizers.Step(there, first, t);
            AllOptimizers.Step(here, second, t);
            first.LearningRate = second.LearningRate = 0.02 / t;
        }

        AssertSame(there, here);
    }

    [TestCaseSource(typeof(AllOptimizers), nameof(AllOptimizers.Cases))]
    public void A_saved_state_goes_on_on_another_accelerator(Func<Tensor[], Optimizer> make)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TestModel whole = new(_tensors), start = new(gpu, _tensors), host = new(_tensors), back = new(gpu, _tensors);
        using Optimizer uninterrupted = make(whole.Parameters);
        for (int t = 1; t <= 9; t++) AllOptimizers.Step(whole, uninterrupted, t);

        Part(start, null, 1, 3, out OptimizerState saved);
        CopyValues(start, host);
        Part(host, saved, 4, 6, out saved);
        CopyValues(host, back);
        Part(back, saved, 7, 9, out saved);
        saved.Dispose();
        AssertSame(back, whole);

        void Part(TestModel model, OptimizerState? from, int first, int last, out OptimizerState state)
        {
            using Optimizer optimizer = make(model.Parameters);
            if (from is not null) optimizer.LoadState(from);
            from?.Dispose();
            for (int t = first; t <= last; t++) AllOptimizers.Step(model, optimizer, t);
            state = optimizer.SaveState();
        }
    }

    [Test]
    public void States_have_the_layout_of_their_parameters_and_any_other_is_taken()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Generator random = new(3);
        (Tensor Whole, Func<Tensor, Tensor> See)[] sources =
        [
            (Draw([6, 10]), t => t), (Draw([10, 6]), t => t.Transpose()), (Draw([6, 12]), t => t[.., 1..11]), (Draw([12, 10]), t => new Slice(0, 11, 6, -2).Execute(t)), (Draw([10, 6]), t => t[..].Transpose()),
        ];
        foreach ((Tensor whole, Func<Tensor, Tensor> see) in sources)
        {
            foreach ((Tensor wholeState, Func<Tensor, Tensor> seeState) in sources)
            {
                Tensor gradient = Draw([6, 10]), square = Draw([10, 6]).Abs();
                Tensor[] here = [whole.Copy(), gradient.Copy(), wholeState.Copy(), square.Copy()], there = [.. here.Select(t => t.To(gpu))];
                AdamRule rule = new(0.1, 0.9, 0.99, 1e-3, 0.05);
                foreach (Tensor[] t in (Tensor[][])[here, there]) OptimizerKernels.Adam([new(see(t[0]), t[1], seeState(t[2]), t[3].Transpose(), 3)], rule);
                for (int i = 0; i < here.Length; i++) Assert.That(GpuBits.Of(there[i]), Is.EqualTo(GpuBits.Of(here[i])), $"tensor {i}");
                foreach (Tensor[] t in (Tensor[][])[here, there]) GradientKernels.Scale([see(t[0])], 0.3);
                Assert.That(GpuBits.Of(there[0]), Is.EqualTo(GpuBits.Of(here[0])), "scaled");
                Assert.That(GradientKernels.Norm([see(there[0])]), Is.EqualTo(GradientKernels.Norm([see(here[0])])).Within(1e-4).Percent);
            }
        }

        Tensor Draw(Shape shape) => Tensor.Normal(shape, random);
    }

    [Test]
    public void A_step_over_many_tensors_of_two_accelerators_reaches_each_once()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Random random = new(5);
        ParameterUpdate[] updates = [.. Enumerable.Range(0, 300).Select(i =>
        {
            int n = random.Next(4) == 0 ? random.Next(2000) : random.Next(3);
            Accelerator where = i % 3 == 0 ? CpuAccelerator.Instance : gpu;
            return new ParameterUpdate(Tensor.Full([n], 1, accelerator: where), Tensor.Full([n], 2, accelerator: where), null, null, 1);
        })];
        int version = updates[1].Parameter.Buffer.Version;
        OptimizerKernels.Sgd(updates, new(Rate: 0.25));
        Assert.That(updates[1].Parameter.Buffer.Version, Is.GreaterThan(version));
        foreach (ParameterUpdate update in updates) Assert.That(update.Parameter.ToArray<float>(), Is.All.EqualTo(0.5f));
    }

    /// <summary>What CUDA does, on a processor that poses as a GPU and whose buffers stay where they are.</summary>
    [Test]
    public void One_launch_with_a_table_of_addresses_does_what_a_launch_per_tensor_does([Values(DType.Float32, DType.Float64)] DType dtype)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        if (gpu is not OpenClAccelerator || !gpu.Traits.IsProcessor) Assert.Ignore("CUDA uses a table in every test; other OpenCL devices have no addresses to put into one");
        KernelSpec probe = new(new(typeof(GpuOptimizerTests).Assembly, "address_probe.cu"), "address_probe", 1);
        using TensorScope scope = new();
        Tensor place = Tensor.Zeros([1], DType.Int64, gpu);
        Generator random = new(11);
        int[] sizes = [1, 0, 511, 512, 513, 4095, 4096, 4097, 3, 20000, 0, 1];
        (Tensor[] X, Tensor[] G, Tensor[] M, Tensor[] V) here = (Draw(), Draw(), Draw(), Array.ConvertAll(Draw(), t => t.Abs()));
        (Tensor[] X, Tensor[] G, Tensor[] M, Tensor[] V) there = (Move(here.X), Move(here.G), Move(here.M), Move(here.V));
        AdamRule rule = new(0.1, 0.9, 0.99, 1e-3, 0.05, Decoupled: true);
        ParameterUpdate[] updates = [.. sizes.Select((_, k) => new ParameterUpdate(here.X[k], here.G[k], here.M[k], here.V[k], 1 + k % 3))];
        GpuPieces pieces = new(AddressOf);
        for (int k = 0; k < sizes.Length; k++)
        {
            ref Piece piece = ref pieces.Add("Adam", there.X[k], written: true, there.G[k], there.M[k], there.V[k]);
            ((IUpdateRule<AdamRule>)rule).GetNumbers(updates[k].Step, piece.Numbers);
        }

        long launches = gpu.Launches;
        pieces.Run(rule);
        Assert.That(gpu.Launches - launches, Is.EqualTo(1 + 4 * sizes.Count(n => n > 0)), "a probe per tensor and one update");
        pieces.Clear();
        OptimizerKernels.Adam(updates, rule);
        foreach ((Tensor[] actual, Tensor[] expected) in ((Tensor[], Tensor[])[])[(there.X, here.X), (there.M, here.M), (there.V, here.V)])
            for (int k = 0; k < sizes.Length; k++) Assert.That(GpuBits.Of(actual[k]), Is.EqualTo(GpuBits.Of(expected[k])), $"tensor {k} of {sizes[k]}");

        LarsRule lars = new(0.5, 0.9, 0.05);
        TrustRatio trust = new(0.01, 0.05);
        for (int k = 0; k < sizes.Length; k++)
        {
            ref Piece piece = ref pieces.Add("Lars", there.X[k], written: true, there.G[k], there.M[k]);
            ((IUpdateRule<LarsRule>)lars).GetNumbers(1, piece.Numbers);
        }

        pieces.Run(lars, trust);
        pieces.Clear();
        OptimizerKernels.Lars(updates, lars, trust);
        for (int k = 0; k < sizes.Length; k++)
            Values.AssertClose(TestModel.Read(there.X[k]), TestModel.Read(here.X[k]), dtype == DType.Float64 ? 1e-14 : 1e-6, $"after Lars, tensor {k} of {sizes[k]}");

        foreach (Tensor x in there.X) pieces.Add("Norm", x, written: false);
        Assert.That(Math.Sqrt(pieces.SumOfSquares()), Is.EqualTo(GradientKernels.Norm(there.X)));
        pieces.Clear();

        Tensor[] Draw() => [.. sizes.Select(n => Tensor.Normal([n], random, dtype: dtype))];

        Tensor[] Move(Tensor[] all) => Array.ConvertAll(all, t => t.To(gpu));

        long AddressOf(Tensor x)
        {
            KernelArguments arguments = new();
            arguments.Out(place);
            arguments.Add(x.Buffer, 0, written: false);
            gpu.Launch(probe, new(1), ref arguments);
            return place.ToArray<long>()[0] + x.Layout.Offset * x.DType.Size;
        }
    }

    [Test]
    public void Norms_are_the_processors_for_numbers_of_any_size()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Generator random = new(7);
        foreach (double size in (double[])[1, 1e-44, 1e-30, 3.6e-15, 1e-15, 2.8e14, 1e20, 1e30, 1e37])
        {
            Tensor[] here = [.. ((int[])[0, 1, 77, 4095, 4096, 4097, 100003]).Select(n => Tensor.Normal([n], random) * size)];
            AssertNorm(here, $"times {size}");
            if (size < 1e30) AssertNorm([.. here, Tensor.Normal([50], random, dtype: DType.Float64) * size], $"two types, times {size}");
        }

        AssertNorm([Tensor.From([1e30f, 1e-30f, 1f]), Tensor.From([3.0, 1e-100])], "mixed");
        AssertNorm([Tensor.From([1f, float.NaN, float.PositiveInfinity])], "NaN");
        AssertNorm([Tensor.From([1f, float.NegativeInfinity])], "infinity");
        AssertNorm([Tensor.From([1e160, 2]), Tensor.Zeros([3])], "beyond the range of double");
        AssertNorm([], "nothing");
        AssertNorm([Tensor.Zeros([0])], "empty");

        void AssertNorm(Tensor[] here, string what)
        {
            double expected = GradientKernels.Norm(here), actual = GradientKernels.Norm([.. here.Select(t => t.To(gpu))]);
            if (!double.IsFinite(expected) || expected == 0) Assert.That(actual, Is.EqualTo(expected), what);
            else Assert.That(actual, Is.EqualTo(expected).Within(1e-6 * expected), what);
        }
    }

    [Test]
    public void Clipping_gives_the_processors_bits()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        float[] values = [0, -0f, 1, -1, 3.5f, -3.5f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e-40f];
        Tensor here = Tensor.From(values), there = here.To(gpu), doubles = here.Cast(DType.Float64), doublesThere = doubles.To(gpu);
        GradientKernels.Clamp([here, doubles], 2);
        GradientKernels.Clamp([there, doublesThere], 2);
        Assert.That(GpuBits.Of(there), Is.EqualTo(GpuBits.Of(here)));
        Assert.That(GpuBits.Of(doublesThere), Is.EqualTo(GpuBits.Of(doubles)));
        GradientKernels.Scale([here, doubles], 0.3);
        GradientKernels.Scale([there, doublesThere], 0.3);
        Assert.That(GpuBits.Of(there), Is.EqualTo(GpuBits.Of(here)));
        Assert.That(GpuBits.Of(doublesThere), Is.EqualTo(GpuBits.Of(doubles)));

        using TestModel model = new(gpu, [([40], DType.Float32), ([9], DType.Float64)]), same = new([([40], DType.Float32), ([9], DType.Float64)]);
        model.SetGradients(1);
        same.SetGradients(1);
        Assert.That(Clip.ByNorm(model.Parameters, 0.5), Is.EqualTo(Clip.ByNorm(same.Parameters, 0.5)).Within(1e-4).Percent);
        Assert.That(Clip.Norm(model.Parameters), Is.EqualTo(0.5).Within(1e-5));
    }

    /// <summary>Norms of tensors with many parts, of very large and very small numbers, in the groups of a processor and of CUDA devices.</summary>
    [Test]
    public void Trust_ratios_are_the_processors_for_numbers_of_any_size([Values] bool asOnCuda, [Values(1, 1e-30, 1e25)] double size)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        TuningTable own = gpu.Tuning;
        if (asOnCuda) gpu.Tuning = TuningTable.For(gpu.Traits with { Api = "CUDA", IsProcessor = false, Units = 4 });
        try
        {
            using TensorScope scope = new();
            Generator random = new(9);
            foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
            {
                Tensor[] here = [.. Enumerable.Range(0, 3).Select(_ => Tensor.Normal([300_001], random, dtype: dtype) * size)], there = [.. here.Select(t => t.To(gpu))];
                double[] before = TestModel.Read(here[0]);
                LarsRule rule = new(0.1, 0.9);
                OptimizerKernels.Lars([new(here[0], here[1], here[2], null, 1)], rule, new(0.5, 0.25));
                OptimizerKernels.Lars([new(there[0], there[1], there[2], null, 1)], rule, new(0.5, 0.25));
                Values.AssertClose(TestModel.Read(there[0]), TestModel.Read(here[0]), dtype == DType.Float64 ? 1e-13 : 1e-6, $"{dtype}");
                Assert.That(TestModel.Read(here[0]), Is.Not.EqualTo(before));
            }
        }
        finally
        {
            gpu.Tuning = own;
        }
    }

    [Test]
    public void Regularizers_and_averages_give_the_processors_numbers()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        (Shape, DType)[] tensors = [([7, 33], DType.Float32), ([5, 3, 2], DType.Float64)];
        using TestModel there = new(gpu, tensors), here = new(tensors);
        foreach (TestModel model in (TestModel[])[there, here])
        {
            using WeightAverage average = WeightAverage.Exponential(model.Parameters, 0.9);
            for (int t = 0; t < 3; t++)
            {
                model.SetGradients(t);
                Regularizer.AddToGradients(model.Parameters, 0.01, 0.1);
                using Sgd sgd = new(model.Parameters, 0.1);
                sgd.Step();
                Regularizer.Shrink(model.Parameters, 0.05);
                Regularizer.LimitNorms(model.Parameters, 1.5);
                average.Update();
            }

            average.CopyToParameters();
        }

        AssertSame(there, here);
    }

    [Test]
    public void Momentum_follows_a_parameter_that_moves()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        using Gradwright.Layers.Linear moving = new(3, 2), staying = new(3, 2);
        using Sgd first = new(moving.Parameters(), 0.1, momentum: 0.9), second = new(staying.Parameters(), 0.1, momentum: 0.9);
        Tensor[] there = [.. moving.Parameters()], here = [.. staying.Parameters()];
        for (int k = 0; k < here.Length; k++) there[k].CopyFrom(here[k].ToArray<float>());
        for (int step = 0; step < 4; step++)
        {
            if (step == 2) moving.To(gpu);
            foreach (Tensor[] parameters in (Tensor[][])[there, here])
                foreach (Tensor parameter in parameters) parameter.Grad = Tensor.Full(parameter.Shape, step - 1.5, accelerator: parameter.Accelerator);
            first.Step();
            second.Step();
        }

        for (int k = 0; k < here.Length; k++)
        {
            Assert.That(there[k].Accelerator, Is.SameAs(gpu));
            Assert.That(there[k].ToArray<float>(), Is.EqualTo(here[k].ToArray<float>()));
        }
    }

    [Test]
    public void A_gradient_or_state_that_does_not_fit_is_refused()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([3], accelerator: gpu), host = Tensor.Zeros([3]);
        Assert.That(Assert.Throws<ShapeException>(() => OptimizerKernels.Sgd([new(x, Tensor.Zeros([4], accelerator: gpu), null, null, 1)], new(0.1)))!.Message, Does.Contain("[4] Float32 does not fit the parameter [3] Float32"));
        Assert.That(Assert.Throws<ArgumentException>(() => OptimizerKernels.Adam([new(x, x, Tensor.Zeros([3], accelerator: gpu), null, 1)], new(0.1, 0.9, 0.999, 1e-8)))!.Message, Does.Contain("lacks a state"));
        Assert.Throws<DTypeException>(() => OptimizerKernels.Sgd([new(Tensor.Zeros([3], DType.Int32, gpu), x, null, null, 1)], new(0.1)));
        Assert.That(Assert.Throws<AcceleratorException>(() => OptimizerKernels.Sgd([new(x, host, null, null, 1)], new(0.1)))!.Message, Does.Contain("lives on cpu"));
        Assert.Throws<AcceleratorException>(() => OptimizerKernels.Sgd([new(host, x, null, null, 1)], new(0.1)));
        OptimizerKernels.Sgd([new(x, Tensor.Ones([3], accelerator: gpu), null, null, 1)], new(0.5));
        Assert.That(x.ToArray<float>(), Is.All.EqualTo(-0.5f));
    }

    private static void CopyValues(TestModel from, TestModel to)
    {
        foreach ((Tensor source, Tensor target) in from.Parameters.Zip(to.Parameters))
        {
            double[] values = TestModel.Read(source);
            TestModel.Write(target, i => values[i]);
        }
    }

    private static void AssertSame(TestModel actual, TestModel expected)
    {
        for (int k = 0; k < expected.Parameters.Length; k++)
            Values.AssertClose(TestModel.Read(actual.Parameters[k]), TestModel.Read(expected.Parameters[k]), expected.Parameters[k].DType == DType.Float64 ? 1e-13 : 1e-6, $"parameter {k}");
    }
}
