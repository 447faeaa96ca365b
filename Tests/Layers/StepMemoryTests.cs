using Gradwright.Layers;
using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

public sealed class StepMemoryTests
{
    [TestCase(false)]
    [TestCase(true)]
    public void Peak_of_a_convolutional_step_is_what_must_be_alive(bool batchNorm)
    {
        Module<Tensor, Tensor>[] Block(int inputs, int outputs) => batchNorm
            ? [new Conv2D(inputs, outputs, 3, padding: 1, bias: false), new BatchNorm2D(outputs), new ReLU()]
            : [new Conv2D(inputs, outputs, 3, padding: 1), new ReLU()];
        Sequential model = new([.. Block(1, 16), .. Block(16, 16), new MaxPool2D(2), .. Block(16, 32), new MaxPool2D(2), new Flatten(), new Linear(32 * 49, 64), new ReLU(), new Linear(64, 10)]);
        using Adam optimizer = new(model.Parameters());
        using Tensor x = Tensor.Ones([64, 1, 28, 28]), y = Tensor.Zeros([64], DType.Int64);
        MemoryPool pool = Accelerator.Default.Pool;
        long saved = 0, step = 0;
        for (int i = 0; i < 3; i++)
        {
            long outside = pool.Statistics.LiveBytes;
            pool.ResetPeak();
            using (Tape tape = new())
            {
                Tensor loss = Loss.CrossEntropy(model.Forward(x), y);
                saved = tape.SavedBytes;
                tape.Backward(loss);
            }

            step = pool.Statistics.PeakBytes;
            optimizer.Step();
            optimizer.ZeroGrad();
            TestContext.Out.WriteLine($"outside {outside:N0}, saved {saved:N0}, peak {step:N0}");
        }

        // Parameters, buffers, both Adam states and the batch are alive outside the step; gradients come on top.
        long parameters = model.Parameters().Sum(p => p.Count * p.DType.Size), alive = pool.Statistics.LiveBytes + saved + parameters;
        Assert.That(step, Is.LessThanOrEqualTo(alive * 1.1), $"peak {step:N0} against {alive:N0} that must be alive");
        foreach ((_, Tensor tensor) in model.StateDictionary()) tensor.Dispose();
    }

    [Test]
    public void A_linear_layer_takes_the_gradient_of_its_weight_without_a_copy()
    {
        Linear layer = new(512, 256, bias: false);
        using Tensor x = Tensor.Ones([4, 512]), g = Tensor.Ones([4, 256]);
        MemoryPool pool = Accelerator.Default.Pool;
        layer.Build(x);
        long before = pool.Statistics.LiveBytes;
        pool.ResetPeak();
        using (Tape tape = new()) tape.Backward(layer.Forward(x), g);
        long peak = pool.Statistics.PeakBytes - before, weight = layer.Weight.Count * sizeof(float);
        bool contiguous = layer.Weight.Grad!.Layout.IsContiguous;
        layer.Weight.Dispose();
        Assert.That(peak, Is.LessThan(1.1 * weight));
        Assert.That(contiguous, Is.True);
    }

    [Test]
    public void Steady_training_asks_the_system_for_nothing()
    {
        Sequential model = new(new Conv2D(1, 4, 3), new ReLU(), new MaxPool2D(2), new Flatten(), new Linear(4 * 13 * 13, 10));
        using Adam optimizer = new(model.Parameters());
        using Tensor x = Tensor.Ones([8, 1, 28, 28]), y = Tensor.Zeros([8], DType.Int64);
        void Steps(int n)
        {
            for (int i = 0; i < n; i++)
            {
                using (Tape tape = new()) tape.Backward(Loss.CrossEntropy(model.Forward(x), y));
                optimizer.Step();
                optimizer.ZeroGrad();
            }
        }

        Steps(500);
        PoolStatistics before = Accelerator.Default.Pool.Statistics;
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        Steps(2500);
        PoolStatistics after = Accelerator.Default.Pool.Statistics;
        Assert.That((after.ReservedBytes, after.LiveBytes, after.SystemAllocations), Is.EqualTo((before.ReservedBytes, before.LiveBytes, before.SystemAllocations)));
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - heap, Is.LessThan(64 << 10));
        foreach ((_, Tensor tensor) in model.StateDictionary()) tensor.Dispose();
    }

    [Test]
    public void A_batch_norm_keeps_its_input_but_not_its_result()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Ones([4, 8, 16, 16]);
        Sequential model = new(new BatchNorm2D(8), new ReLU());
        MemoryPool pool = x.Accelerator.Pool;
        using Tape tape = new();
        model.Build(x);
        long before = pool.Statistics.LiveBytes;
        Tensor y = model.Forward(x);
        long kept = pool.Statistics.LiveBytes - before;
        foreach ((_, Tensor tensor) in model.StateDictionary()) tensor.Dispose();
        Assert.That(kept, Is.EqualTo(y.Count * sizeof(float)).Within(1024), "ReLU's result and a few statistics; x is the caller's");
    }
}
