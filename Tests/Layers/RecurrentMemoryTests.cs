using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>Memory of a long short-term memory in training: batch 32, 128 → 256, two layers.</summary>
public sealed class RecurrentMemoryTests
{
    private const int Rows = 32, Inputs = 128, Hidden = 256, Layers = 2;

    [Test]
    public void Memory_grows_with_the_sequence_and_nothing_is_made_per_step()
    {
        using LSTM lstm = new(Inputs, Hidden, Layers);
        Step(lstm, 64);
        (Use at64, Use at128, Use at256) = (Step(lstm, 64), Step(lstm, 128), Step(lstm, 256));
        long managed64 = Math.Min(at64.ManagedBytes, Step(lstm, 64).ManagedBytes), managed256 = Math.Min(at256.ManagedBytes, Step(lstm, 256).ManagedBytes);
        TestContext.Out.WriteLine($"{at64}\n{at128}\n{at256}");

        // Linear: what 64 positions more take is the same from 64 to 128 as from 128 to 256.
        double first = (at128.Peak - at64.Peak) / 64.0, second = (at256.Peak - at128.Peak) / 128.0;
        Assert.That(second, Is.EqualTo(first).Within(0.5).Percent, "bytes of the peak per position");

        // What the derivative needs per position: x, 4 gates, c and h of each layer; the last layer's h is also the result.
        long saved = (at128.Saved - at64.Saved) / 64, needed = sizeof(float) * Rows * (Inputs + Layers * (4 + 1 + 1) * Hidden);
        Assert.That(saved, Is.EqualTo(needed));

        // Neither ops nor managed objects nor blocks of the pool depend on the number of positions; other lists may happen to grow meanwhile.
        Assert.That((at128.Ops, at128.Blocks), Is.EqualTo((at64.Ops, at64.Blocks)));
        Assert.That((at256.Ops, at256.Blocks), Is.EqualTo((at64.Ops, at64.Blocks)));
        Assert.That(managed256, Is.LessThan(managed64 + 2048));
    }

    [Test]
    public void Steady_training_asks_the_system_for_nothing()
    {
        using LSTM lstm = new(Inputs, Hidden, Layers);
        for (int i = 0; i < 3; i++) Step(lstm, 64);
        long before = Accelerator.Default.Pool.Statistics.SystemAllocations;
        for (int i = 0; i < 3; i++) Step(lstm, 64);
        Assert.That(Accelerator.Default.Pool.Statistics.SystemAllocations, Is.EqualTo(before));
    }

    /// <summary>What one forward and backward pass takes.</summary>
    private sealed record Use(long Peak, long Saved, int Ops, long Blocks, long ManagedBytes);

    private static Use Step(LSTM lstm, int steps)
    {
        MemoryPool pool = Accelerator.Default.Pool;
        using Tensor x = Tensor.Ones([steps, Rows, Inputs]);
        long before = pool.Statistics.LiveBytes, blocksBefore = pool.Statistics.LiveBlocks, managed = GC.GetAllocatedBytesForCurrentThread();
        pool.ResetPeak();
        long saved, blocks;
        int ops;
        using (Tape tape = new())
        {
            Tensor loss = lstm.Forward(x).Output.Sum();
            (saved, blocks, ops) = (tape.SavedBytes, pool.Statistics.LiveBlocks - blocksBefore, tape.Count);
            tape.Backward(loss);
        }

        long peak = pool.Statistics.PeakBytes - before;
        managed = GC.GetAllocatedBytesForCurrentThread() - managed;
        lstm.ZeroGrad();
        return new(peak, saved, ops, blocks, managed);
    }
}
