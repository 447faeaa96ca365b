using Gradwright.Layers;
using Gradwright.Optim;
using NUnit.Framework;
using static Gradwright.Tests.Autograd.CapturedNetwork;

namespace Gradwright.Tests.Autograd;

/// <summary>A repetition allocates nothing, and its temporary tensors share memory without meeting.</summary>
[InTensorScope]
public sealed class CaptureMemoryTests
{
    [Test]
    public void A_repetition_takes_no_memory()
    {
        using Sequential model = Network();
        using Adam optimizer = new(model.Parameters());
        using CapturedStep step = Capture.Of((x, y) => Step(model, optimizer, x, y));
        (Tensor x, Tensor y) = Batch(0);
        for (int i = 0; i < 3; i++) step.Run(x, y);
        PoolStatistics before = x.Accelerator.Pool.Statistics;
        for (int i = 0; i < 5; i++) step.Run(x, y);
        PoolStatistics after = x.Accelerator.Pool.Statistics;
        Assert.That((after.LiveBytes, after.ReservedBytes), Is.EqualTo((before.LiveBytes, before.ReservedBytes)));
    }

    [Test]
    public void A_recording_gives_back_what_the_plan_does_not_need()
    {
        using Sequential model = new(new Linear(64, 4096), new ReLU(), new Linear(4096, 4096), new ReLU(), new Linear(4096, 8));
        using CapturedStep step = Capture.Of(x => model.Forward(x));
        Tensor x = Tensor.Ones([512, 64]);
        step.Run(x);
        MemoryPool pool = x.Accelerator.Pool;
        long cached = pool.Statistics.ReservedBytes - pool.Statistics.LiveBytes;
        step.Run(x);
        Assert.That(cached, Is.GreaterThan(16 << 20), "activations of the first run");
        Assert.That(pool.Statistics.ReservedBytes - pool.Statistics.LiveBytes, Is.LessThan(cached / 4));
    }

    private static IEnumerable<TestCaseData> Sizes()
    {
        yield return new TestCaseData((Func<Sequential>)Network, 512L).SetArgDisplayNames("with convolutions: their work space");
        yield return new TestCaseData((Func<Sequential>)(() => new(new Flatten(), new Linear(64, 32), new BatchNorm1D(32), new ReLU(), new Dropout(0.5), new Linear(32, 16), new GELU(), new Linear(16, 5))), 0L)
            .SetArgDisplayNames("without");
    }

    [TestCaseSource(nameof(Sizes))]
    public void A_repetition_of_ops_allocates_no_objects(Func<Sequential> make, long most)
    {
        using Sequential model = make();
        using CapturedStep step = Capture.Of((x, y) =>
        {
            using Tape tape = new();
            Tensor loss = Loss.CrossEntropy(model.Forward(x), y);
            model.ZeroGrad();
            tape.Backward(loss);
            return TensorScope.Keep(loss);
        });
        (Tensor x, Tensor y) = Batch(0);
        long least = long.MaxValue;     // caches fill during the first ones
        for (int i = 0; i < 10; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            step.Run(x, y);
            if (i > 2) least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.LessThanOrEqualTo(most));
    }

    [Test]
    public void Temporaries_share_an_arena_without_meeting()
    {
        using Sequential model = Network();
        using Adam optimizer = new(model.Parameters());
        using CapturedStep step = Capture.Of((x, y) => Step(model, optimizer, x, y));
        (Tensor x, Tensor y) = Batch(0);
        step.Run(x, y);
        Assert.That(step.Graph, Is.Null);
        step.Run(x, y);
        CapturedGraph graph = step.Graph!;
        Assert.That(graph.PeakBytes, Is.Positive);
        Assert.That(graph.ArenaBytes, Is.InRange(graph.PeakBytes, 1.1 * graph.PeakBytes + 64 * 40));
        Assert.That(graph.TemporaryBytes, Is.GreaterThan(1.5 * graph.PeakBytes));
    }

    [Test]
    public void Blocks_that_live_at_the_same_time_lie_apart()
    {
        Random random = new(1);
        RecordedBlock[] blocks = new RecordedBlock[200];
        for (int i = 0; i < blocks.Length; i++)
        {
            using Tensor tensor = Tensor.Empty([random.Next(0, 5000)], DType.UInt8);
            int first = random.Next(100);
            blocks[i] = new(tensor.Buffer, true) { First = first, Last = first + random.Next(30) };
        }

        MemoryPlan plan = new(blocks);
        foreach (RecordedBlock a in blocks)
        {
            Assert.That(a.Place % 64, Is.Zero);
            Assert.That(a.Place + a.Length, Is.LessThanOrEqualTo(plan.ArenaBytes));
            foreach (RecordedBlock b in blocks)
                if (a != b && a.First <= b.Last && b.First <= a.Last && a.Length > 0 && b.Length > 0)
                    Assert.That(a.Place + a.Length <= b.Place || b.Place + b.Length <= a.Place);
        }

        long peak = Enumerable.Range(0, 130).Max(t => blocks.Where(b => b.First <= t && t <= b.Last).Sum(b => b.Length));
        Assert.That(plan.PeakBytes, Is.EqualTo(peak));
        Assert.That(plan.ArenaBytes, Is.LessThan(1.3 * peak));
    }
}
