using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>A loader that feeds a GPU: the same batches as on the CPU, fetched ahead.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuDataLoaderTests(string device)
{
    [TestCase(10, 3, null, false)]
    [TestCase(10, 3, 7UL, false)]
    [TestCase(9, 3, 7UL, false)]
    [TestCase(10, 4, 7UL, true)]
    [TestCase(2, 5, 1UL, false)]
    [TestCase(1, 1, null, false)]
    public void Batches_are_those_of_the_processor(int count, int batchSize, ulong? seed, bool dropLast)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        Assert.That(Read(Make(count, batchSize, seed, dropLast, gpu), 2), Is.EqualTo(Read(Make(count, batchSize, seed, dropLast, CpuAccelerator.Instance), 2)));
    }

    [Test]
    public void A_loader_that_was_left_early_goes_on_where_it_stood()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        List<float[]> whole = Read(Make(20, 3, 5, false, gpu), 1);
        using DataLoader loader = Make(20, 3, 5, false, gpu);
        List<float[]> parts = [];
        while (loader.State.Epoch == 0)
        {
            foreach (Batch batch in loader)
            {
                parts.Add([.. batch.Input.ToArray<float>(), .. batch.Target.ToArray<long>()]);
                if (parts.Count % 2 == 0) break;
            }
        }

        Assert.That(parts, Is.EqualTo(whole));
    }

    [Test]
    public void A_batch_holds_while_the_next_one_is_fetched()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using DataLoader loader = Make(64, 4, 5, false, gpu);
        foreach ((Tensor x, Tensor y) in loader)
        {
            using TensorScope scope = new();
            Tensor doubled = x;
            for (int i = 0; i < 10; i++) doubled = doubled * 2 - x;     // stays x, but takes its time
            float[] first = x.ToArray<float>();
            Thread.Sleep(1);
            Assert.That(x.ToArray<float>(), Is.EqualTo(first));
            Assert.That(doubled.ToArray<float>(), Is.EqualTo(first));
            Assert.That(y.ToArray<long>(), Is.EqualTo(Enumerable.Range(0, 4).Select(i => (long)first[2 * i])));
        }
    }

    [Test]
    public void What_a_data_set_throws_arrives_at_its_step()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using DataLoader loader = new(new Faulty(), 2, accelerator: gpu);
        int seen = 0;
        Assert.That(() =>
        {
            foreach (Batch _ in loader) seen++;
        }, Throws.TypeOf<InvalidDataException>());
        Assert.That(seen, Is.EqualTo(3));
    }

    private static DataLoader Make(int count, int batchSize, ulong? seed, bool dropLast, Accelerator accelerator)
    {
        float[] inputs = [.. Enumerable.Range(0, 2 * count).Select(i => i / 2 + 0.25f * (i % 2))];
        long[] targets = [.. Enumerable.Range(0, count).Select(i => (long)i)];
        return new(new ArrayDataset<float, long>(inputs, [2], targets, []), batchSize, seed, dropLast, accelerator: accelerator);
    }

    private static List<float[]> Read(DataLoader loader, int epochs)
    {
        using (loader)
        {
            List<float[]> batches = [];
            for (int i = 0; i < epochs; i++)
                foreach ((Tensor x, Tensor y) in loader) batches.Add([.. x.ToArray<float>(), .. y.ToArray<long>()]);
            return batches;
        }
    }

    /// <summary>Sample 6 cannot be read.</summary>
    private sealed class Faulty : IDataset
    {
        public long Count => 20;

        public SampleSpec Input => new(DType.Float32, []);

        public SampleSpec Target => new(DType.Int64, []);

        public void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> targets)
        {
            if (indices.Contains(6)) throw new InvalidDataException("sample 6");
            inputs.Clear();
            targets.Clear();
        }
    }
}
