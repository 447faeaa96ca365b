using Gradwright.Data;
using Gradwright.Examples.Digits;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Whole models in training on a GPU, against the processor.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuTrainingTests(string device)
{
    private const int Batch = 32;

    [Test]
    public void The_first_losses_of_the_digits_are_the_processors()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        double[] expected = Losses(CpuAccelerator.Instance, steps: 6), actual = Losses(gpu, steps: 6);
        Assert.That(actual[0], Is.EqualTo(expected[0]).Within(1e-5 * expected[0]));
        for (int i = 1; i < expected.Length; i++) Assert.That(actual[i], Is.EqualTo(expected[i]).Within(1e-3 * expected[i]), $"step {i}");
    }

    [Test]
    public void The_same_training_twice_gives_the_same_bits()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        Assert.That(Losses(gpu, steps: 3), Is.EqualTo(Losses(gpu, steps: 3)));
    }

    [Test]
    public void A_model_with_batch_norm_moves_trains_and_moves_back()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using Sequential model = new(new Conv2D(1, 4, 3), new BatchNorm2D(4), new ReLU(), new AveragePool2D(2), new Flatten(), new Linear(4 * 3 * 3, 5));
        model.Initialize(new Generator(3));
        Tensor first = model.Parameters()[0];
        model.To(gpu);
        Assert.That(model.Parameters()[0], Is.SameAs(first));
        Assert.That(model.StateDictionary().Values.Select(t => t.Accelerator), Is.All.SameAs(gpu));
        using Sgd optimizer = new(model.Parameters(), 0.1, momentum: 0.9);
        double before = 0, after = 0;
        for (int step = 0; step < 10; step++)
        {
            using (Tape tape = new())
            {
                Tensor x = Tensor.Normal([8, 1, 8, 8], new Generator(1)).To(gpu), t = Tensor.Arange(8).To(gpu);
                Tensor loss = Loss.CrossEntropy(model.Forward(x), (t < 5).Cast(DType.Int64));
                tape.Backward(loss);
                (before, after) = (step == 0 ? loss.ToDouble() : before, loss.ToDouble());
            }

            optimizer.Step();
            optimizer.ZeroGrad();
        }

        Assert.That(after, Is.LessThan(0.5 * before));
        model.Eval();
        using TensorScope scope = new();
        Tensor picture = Tensor.Normal([2, 1, 8, 8], new Generator(2));
        float[] there = model.Forward(picture.To(gpu)).ToArray<float>();
        model.To(CpuAccelerator.Instance);
        float[] here = model.Forward(picture).ToArray<float>();
        for (int i = 0; i < here.Length; i++) Assert.That(there[i], Is.EqualTo(here[i]).Within(1e-4));
    }

    [Test]
    public void A_training_that_was_saved_on_a_device_goes_on_to_the_same_bits()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TemporaryFolder whole = new(), parts = new();
        float[] expected = Train(gpu, whole.Path, 8);
        Train(gpu, parts.Path, 5);
        Assert.That(Train(gpu, parts.Path, 8), Is.EqualTo(expected));
    }

    [Test]
    public void A_training_step_waits_for_nothing_but_its_loss()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using Sequential model = new(new Linear(16, 32), new ReLU(), new Dropout(0.5), new Linear(32, 4));
        model.To(gpu);
        using AdamW optimizer = new(model.Parameters(), 1e-3);
        using TensorScope scope = new();
        Tensor x = Tensor.Normal([8, 16], new Generator(1)).To(gpu);
        Tensor t = Tensor.Zeros([8], DType.Int64, gpu);
        long before = 0;
        for (int step = 0; step < 5; step++)
        {
            if (step == 1) before = gpu.Readbacks;
            using (Tape tape = new()) tape.Backward(Loss.CrossEntropy(model.Forward(x), t));
            optimizer.Step();
            optimizer.ZeroGrad();
        }

        Assert.That(gpu.Readbacks, Is.EqualTo(before));
    }

    [Test]
    public void A_captured_step_gives_the_same_bits()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        Assert.That(TrainCaptured(gpu, captured: true), Is.EqualTo(TrainCaptured(gpu, captured: false)));
    }

    [Test]
    public void A_compiled_model_computes_what_it_did()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        using Sequential model = new(new Conv2D(3, 8, 3, padding: 1), new BatchNorm2D(8), new ReLU6(), new MaxPool2D(2), new Flatten(), new Linear(8 * 4 * 4, 5), new GELU());
        model.Eval();
        model.To(gpu);
        using CapturedStep compiled = model.Compile();
        using Tape.Pause pause = Tape.NoRecord();
        for (int i = 0; i < 3; i++)
        {
            Tensor x = Tensor.Normal([2, 3, 8, 8], new Generator((ulong)i)).To(gpu);
            Assert.That(compiled.Run(x).ToArray<float>(), Is.EqualTo(model.Forward(x).ToArray<float>()).Within(1e-5), $"run {i}");
        }
    }

    /// <summary>Losses and parameters of six steps with dropout, batch norm, clipping, a schedule and AdamW.</summary>
    private static float[][] TrainCaptured(GpuAccelerator gpu, bool captured)
    {
        using TensorScope scope = new();
        using Sequential model = new(new Conv2D(1, 4, 3), new BatchNorm2D(4), new ReLU(), new Flatten(), new Dropout(0.5), new Linear(4 * 6 * 6, 5));
        model.Initialize(new Generator(3));
        model.To(gpu);
        using AdamW optimizer = new(model.Parameters(), 1e-3) { Schedule = Schedule.Cosine(1e-2, 6) };
        Tensor Step(Tensor x, Tensor t)
        {
            using Tape tape = new();
            Tensor loss = Loss.CrossEntropy(model.Forward(x), t);
            optimizer.ZeroGrad();
            tape.Backward(loss);
            Clip.ByNorm(model.Parameters(), 0.1);
            optimizer.Step();
            return TensorScope.Keep(loss);
        }

        using CapturedStep? step = captured ? Capture.Of(Step) : null;
        List<float[]> results = [];
        for (int i = 0; i < 6; i++)
        {
            Tensor x = Tensor.Normal([8, 1, 8, 8], new Generator((ulong)i)).To(gpu), t = Tensor.RandomIntegers([8], new Generator((ulong)i), 0, 5).To(gpu);
            results.Add((step?.Run(x, t) ?? Step(x, t)).ToArray<float>());
        }

        return [.. results, .. model.StateDictionary().Values.Select(tensor => tensor.ToArray<float>())];
    }

    private static double[] Losses(Accelerator accelerator, int steps)
    {
        LabeledImages images = SyntheticDigits.Generate(Batch * steps, seed: 4);
        using Sequential network = DigitNetwork.Create(1);
        network.To(accelerator);
        using AdamW optimizer = new(network.Parameters(), 1e-3);
        using DataLoader loader = new(new ImageDataset(images), Batch, shuffleSeed: 1, accelerator: accelerator);
        List<double> losses = [];
        foreach ((Tensor x, Tensor y) in loader)
        {
            using (Tape tape = new())
            {
                Tensor loss = Loss.CrossEntropy(network.Forward(x), y);
                tape.Backward(loss);
                losses.Add(loss.ToDouble());
            }

            optimizer.Step();
            optimizer.ZeroGrad();
        }

        return [.. losses];
    }

    private static float[] Train(GpuAccelerator gpu, string folder, int steps)
    {
        using Sequential model = new(new Linear(6, 16), new ReLU(), new Dropout(0.2), new Linear(16, 3));
        model.Initialize(new Generator(5));
        model.To(gpu);
        using AdamW optimizer = new(model.Parameters(), 1e-2);
        float[] inputs = [.. Enumerable.Range(0, 6 * 40).Select(i => MathF.Sin(i))];
        long[] targets = [.. Enumerable.Range(0, 40).Select(i => (long)(i % 3))];
        using DataLoader loader = new(new ArrayDataset<float, long>(inputs, [6], targets, []), 8, shuffleSeed: 2, accelerator: gpu);
        Trainer trainer = new(model, (y, t) => Loss.CrossEntropy(y, t), optimizer, loader) { Checkpoints = new CheckpointFolder(folder), CheckpointEvery = 1 };
        trainer.Resume();
        trainer.Fit(epochs: 10, maxSteps: steps);
        return [.. model.Parameters().SelectMany(p => p.ToArray<float>())];
    }
}
