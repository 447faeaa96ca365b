using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class DataLoaderTests
{
    [Test]
    public void An_epoch_hands_out_every_sample_once_with_its_target([Values(1, 3, 10, 64)] int batchSize)
    {
        using var loader = new DataLoader(Numbers(10), batchSize, shuffleSeed: 5);
        var seen = new List<long>();
        foreach ((Tensor x, Tensor y) in loader)
        {
            Assert.That(x.Shape, Is.EqualTo(Shape.Create(y.Count, 2)));
            Assert.That(x.ToArray<float>(), Is.EqualTo(y.ToArray<long>().SelectMany(i => new[] { i, -i / 2f })));
            seen.AddRange(y.ToArray<long>());
        }
        Assert.That(seen, Is.EquivalentTo(Enumerable.Range(0, 10)));
        Assert.That(loader.BatchesPerEpoch, Is.EqualTo((10 + batchSize - 1) / batchSize));
        Assert.That(loader.State, Is.EqualTo(new LoaderState(5, 1, 0)));
    }

    [Test]
    public void Without_a_seed_samples_keep_their_order()
    {
        using var loader = new DataLoader(Numbers(5), 2);
        Assert.That(Epoch(loader), Is.EqualTo(new[] { "0 1", "2 3", "4" }));
        Assert.That(Epoch(loader), Is.EqualTo(new[] { "0 1", "2 3", "4" }));
    }

    [Test]
    public void An_incomplete_batch_can_be_dropped()
    {
        using var loader = new DataLoader(Numbers(5), 2, dropLast: true);
        Assert.That(Epoch(loader), Is.EqualTo(new[] { "0 1", "2 3" }));
        Assert.That((loader.BatchesPerEpoch, loader.State.Epoch), Is.EqualTo((2, 1)));
    }

    [Test]
    public void Every_epoch_has_an_order_of_its_own_that_follows_from_the_seed()
    {
        using DataLoader first = new(Numbers(100), 7, shuffleSeed: 1), again = new(Numbers(100), 7, shuffleSeed: 1);
        using DataLoader other = new(Numbers(100), 7, shuffleSeed: 2);
        string[] epoch0 = Epoch(first), epoch1 = Epoch(first);
        Assert.That(epoch1, Is.Not.EqualTo(epoch0));
        Assert.That(Epoch(again), Is.EqualTo(epoch0));
        Assert.That(Epoch(again), Is.EqualTo(epoch1));
        Assert.That(Epoch(other), Is.Not.EqualTo(epoch0));
    }

    [Test]
    public void A_restored_state_gives_the_batches_that_were_still_to_come([Range(0, 9)] int stop)
    {
        using DataLoader whole = Noisy(), interrupted = Noisy(), resumed = Noisy();
        string[] expected = [.. Endless(whole).Take(10)];
        string[] before = [.. Endless(interrupted).Take(stop)];
        resumed.State = interrupted.State;
        string[] after = [.. Endless(resumed).Take(10 - stop)];
        Assert.That(before.Concat(after), Is.EqualTo(expected));

        static DataLoader Noisy() => new(Numbers(23), 5, shuffleSeed: 9, transform: (x, _, random) => x[1] = (float)random.NextDouble());
    }

    [Test]
    public void A_loop_that_was_left_goes_on_where_it_stood()
    {
        using var loader = new DataLoader(Numbers(6), 2);
        foreach (Batch _ in loader) break;
        Assert.That(loader.State.Position, Is.EqualTo(2));
        Assert.That(Epoch(loader), Is.EqualTo(new[] { "2 3", "4 5" }));
    }

    [Test]
    public void A_state_saved_after_the_last_batch_ends_the_epoch_first()
    {
        using var loader = new DataLoader(Numbers(4), 2);
        LoaderState last = default;
        foreach (Batch _ in loader) last = loader.State;
        loader.State = last;
        Assert.That(Epoch(loader), Is.Empty);
        Assert.That(loader.State, Is.EqualTo(new LoaderState(null, 1, 0)));
    }

    [Test]
    public void Batches_share_the_memory_of_their_loader_and_outlive_scopes()
    {
        using var loader = new DataLoader(Numbers(6), 4);
        var buffers = new HashSet<MemoryBuffer>();
        Tensor? last = null;
        foreach (Batch batch in loader)
        {
            using (new TensorScope()) last = batch.Input;
            buffers.Add(last.Buffer);
        }
        Assert.That(buffers, Has.Count.EqualTo(1));
        using (new TensorScope())
            foreach (Batch batch in loader) last = batch.Input;
        Assert.That(last!.ToArray<float>(), Is.EqualTo(new[] { 4, -2, 5, -2.5f }));
    }

    [Test]
    public void A_new_batch_is_a_change_that_a_tape_can_see()
    {
        using var loader = new DataLoader(Numbers(4), 2);
        var versions = new HashSet<int>();
        foreach (Batch batch in loader) versions.Add(batch.Input.Buffer.Version);
        Assert.That(versions, Has.Count.EqualTo(2));
    }

    [Test]
    public void Disposing_frees_all_memory()
    {
        long before = Accelerator.Default.Pool.Statistics.LiveBytes;
        using (var loader = new DataLoader(Numbers(5), 2)) Epoch(loader);
        Assert.That(Accelerator.Default.Pool.Statistics.LiveBytes, Is.EqualTo(before));
    }

    [Test]
    public void An_exception_of_the_data_set_reaches_the_loop_and_can_be_retried()
    {
        var dataset = new Failing { At = 5 };
        using var loader = new DataLoader(dataset, 2);
        var seen = new List<string>();
        IOException e = Assert.Throws<IOException>(() =>
        {
            foreach (Batch batch in loader) seen.Add(Text(batch));
        })!;
        Assert.That(e.Message, Is.EqualTo("sample 5"));
        Assert.That(seen, Is.EqualTo(new[] { "0 1", "2 3" }), "what was read before is not lost");
        dataset.At = -1;
        Assert.That(Epoch(loader), Is.EqualTo(new[] { "4 5", "6 7" }));
    }

    [Test]
    public void Timing_does_not_change_the_batches()
    {
        using DataLoader fast = new(Numbers(40), 3, shuffleSeed: 4), slowReader = new(Numbers(40), 3, shuffleSeed: 4);
        using var slowData = new DataLoader(Numbers(40), 3, shuffleSeed: 4, transform: (_, _, _) => Thread.Yield());
        string[] expected = Epoch(fast);
        var read = new List<string>();
        foreach (Batch batch in slowReader)
        {
            Thread.Sleep(1);   // lets the background run as far ahead as it may
            read.Add(Text(batch));
        }
        Assert.That(read, Is.EqualTo(expected));
        Assert.That(Epoch(slowData), Is.EqualTo(expected));
    }

    [Test]
    public void Misuse_is_refused()
    {
        using var loader = new DataLoader(Numbers(4), 2);
        foreach (Batch _ in loader)
        {
            Assert.That(() => Epoch(loader), Throws.InvalidOperationException.With.Message.Contains("one enumeration at a time"));
            Assert.That(() => loader.State = default, Throws.InvalidOperationException.With.Message.Contains("inside a foreach"));
        }
        Assert.That(() => loader.State = new(1, 0, 5), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("4 samples"));
        Assert.That(() => new DataLoader(Numbers(4), 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new DataLoader(Numbers(0), 1), Throws.ArgumentException.With.Message.Contains("0 samples"));
        Assert.That(() => new DataLoader(Numbers(4), 5, dropLast: true),
            Throws.ArgumentException.With.Message.Contains("incomplete ones are dropped"));
        var bytes = new ArrayDataset<byte, long>(new byte[4], [1], new long[4], []);
        Assert.That(() => new DataLoader(bytes, 2, transform: (_, _, _) => { }), Throws.TypeOf<DTypeException>().With.Message.Contains("UInt8"));
        Assert.That(() => new ArrayDataset<float, long>(new float[7], [2], new long[3], []),
            Throws.TypeOf<ShapeException>().With.Message.Contains("7 input values of [2]"));
    }

    [Test]
    public void Arrays_of_any_element_type_arrive_as_they_are()
    {
        using var loader = new DataLoader(new ArrayDataset<byte, double>(new byte[] { 1, 2, 3, 4, 5, 6 }, [1, 3], new[] { 0.5, -2.5 }, [1]), 2);
        foreach ((Tensor x, Tensor y) in loader)
        {
            Assert.That((x.DType, x.Shape), Is.EqualTo((DType.UInt8, Shape.Create(2, 1, 3))));
            Assert.That(x.ToArray<byte>(), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6 }));
            Assert.That((y.DType, y.Shape), Is.EqualTo((DType.Float64, Shape.Create(2, 1))));
            Assert.That(y.ToArray<double>(), Is.EqualTo(new[] { 0.5, -2.5 }));
        }
    }

    [Test]
    public void Images_become_standardized_floats_and_int64_classes()
    {
        var images = new LabeledImages(new byte[] { 0, 255, 51, 51, 102, 0, 0, 255 }, new byte[] { 3, 1 }, channels: 2, 1, 2, classes: 4);
        using var loader = new DataLoader(new ImageDataset(images, [0.2f, 0], [0.5f, 2]), 2);
        foreach ((Tensor x, Tensor y) in loader)
        {
            Assert.That(x.Shape, Is.EqualTo(Shape.Create(2, 2, 1, 2)));
            Assert.That(x.ToArray<float>(), Is.EqualTo(new[] { -0.4f, 1.6f, 0.1f, 0.1f, 0.4f, -0.4f, 0, 0.5f }).Within(1e-6));
            Assert.That(y.ToArray<long>(), Is.EqualTo(new long[] { 3, 1 }));
        }
        Assert.That(() => new ImageDataset(images, [0], [1]), Throws.ArgumentException.With.Message.Contains("each of 2 channels"));
        Assert.That(() => new ImageDataset(images, [0, 0], [1, 0]), Throws.ArgumentException);
    }

    [Test]
    public void Statistics_standardize_a_set_to_mean_0_and_deviation_1()
    {
        LabeledImages images = SyntheticDigits.Generate(300, seed: 1);
        (float[] mean, float[] deviation) = images.Statistics();
        using var loader = new DataLoader(new ImageDataset(images, mean, deviation), 300);
        foreach ((Tensor x, Tensor _) in loader)
        {
            float[] values = x.ToArray<float>();
            Assert.That(values.Average(), Is.EqualTo(0).Within(1e-4));
            Assert.That(values.Average(v => v * v), Is.EqualTo(1).Within(1e-4));
        }
    }

    // Sample i: input [i, −i/2], target i.
    private static ArrayDataset<float, long> Numbers(int count) =>
        new(Enumerable.Range(0, count).SelectMany(i => new[] { i, -i / 2f }).ToArray(), [2],
            Enumerable.Range(0, count).Select(i => (long)i).ToArray(), []);

    private static string[] Epoch(DataLoader loader) => [.. loader.Select(Text)];

    private static IEnumerable<string> Endless(DataLoader loader)
    {
        while (true)
            foreach (Batch batch in loader) yield return $"{Text(batch)}: {string.Join(" ", batch.Input.ToArray<float>())}";
    }

    private static string Text(Batch batch) => string.Join(" ", batch.Target.ToArray<long>());

    private sealed class Failing : IDataset
    {
        public long At { get; set; }

        public long Count => 8;

        public SampleSpec Input => new(DType.UInt8, [1]);

        public SampleSpec Target => new(DType.Int64, []);

        public void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> targets)
        {
            for (int i = 0; i < indices.Length; i++)
            {
                if (indices[i] == At) throw new IOException($"sample {At}");
                BitConverter.TryWriteBytes(targets[(8 * i)..], indices[i]);
            }
        }
    }
}
