using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Loaders with several workers and transforms: the same batches whatever happens in time.</summary>
public sealed class LoaderWorkerTests
{
    private static readonly Compose Augment = new(
        new RandomCrop(8, 8, padding: 2, PadMode.Reflect), new RandomFlip(), new RandomApply(new ColourJitter { Brightness = 0.3, Hue = 0.1 }), new RandomAffine { Rotation = 10 },
        new RandomErasing(), Normalize.ByChannel([0.5f, 0.4f, 0.3f], [0.2f, 0.2f, 0.3f]));

    [Test]
    public void Any_number_of_workers_gives_the_same_bits()
    {
        using DataLoader one = Make(1), three = Make(3), ahead = Make(2, prefetch: 20);
        string[] expected = [.. Read(one), .. Read(one)];
        Assert.That(expected.Distinct().Count(), Is.EqualTo(expected.Length), "pictures change from epoch to epoch");
        Assert.That(Read(three).Concat(Read(three)), Is.EqualTo(expected));
        Assert.That(Read(ahead).Concat(Read(ahead)), Is.EqualTo(expected));
    }

    [Test]
    public void A_restored_state_gives_the_pictures_that_were_still_to_come([Values(1, 4, 6)] int stop)
    {
        using DataLoader whole = Make(2), interrupted = Make(3), resumed = Make(2);
        string[] expected = Read(whole), before = [.. interrupted.Take(stop).Select(Text)];
        resumed.State = interrupted.State;
        Assert.That(before.Concat(Read(resumed)), Is.EqualTo(expected));
    }

    [Test]
    public void A_sample_that_comes_twice_in_an_epoch_is_not_changed_twice_in_the_same_way()
    {
        using DataLoader loader = new(Pictures(1), 8, new RandomErasing(1), shuffleSeed: 1, sampler: new WeightedSampler([1], 8), workers: 2);
        foreach ((Tensor x, _) in loader) Assert.That(x.ToArray<float>().Chunk(3 * 8 * 8).Select(p => string.Join(' ', p)).Distinct().Count(), Is.EqualTo(8));
    }

    [Test]
    public void Bytes_are_scaled_and_sizes_may_change()
    {
        ArrayDataset<byte, long> data = new(new byte[] { 0, 51, 102, 255, 255, 0, 51, 102 }, [1, 2, 2], new long[] { 7, 8 }, []);
        using DataLoader loader = new(data, 2, new CentreCrop(2, 1));
        Assert.That(loader.Input, Is.EqualTo(new SampleSpec(DType.Float32, [1, 2, 1])));
        foreach ((Tensor x, Tensor y) in loader)
        {
            Assert.That(x.ToArray<float>(), Is.EqualTo(new[] { 0, 0.4f, 1, 0.2f }).Within(1e-6));
            Assert.That(y.ToArray<long>(), Is.EqualTo(new long[] { 7, 8 }));
        }
    }

    [Test]
    public void What_a_worker_throws_surfaces_at_its_batch_with_the_samples_name([Values(1, 4)] int workers)
    {
        using DataLoader loader = new(new SubsetDataset(Pictures(20), [.. Enumerable.Range(0, 20).Select(i => 19L - i)]), 2, new Picky(), workers: workers);
        List<long> seen = [];
        SampleException e = Assert.Throws<SampleException>(() =>
        {
            foreach (Batch batch in loader) seen.AddRange(batch.Target.ToArray<long>());
        })!;
        Assert.That(seen, Is.EqualTo(new long[] { 19, 18, 17, 16, 15, 14, 13, 12 }), "batches before it are not lost, whoever was faster");
        Assert.That(e.Message, Does.Contain("sample 11 could not be transformed in epoch 1 by Picky: too dark"));
        Assert.That(e.InnerException, Is.TypeOf<InvalidOperationException>());
    }

    [Test]
    public void A_broken_picture_ends_the_loop_with_its_files_name([Values(1, 3)] int workers)
    {
        using TemporaryFolder folder = new();
        for (int i = 0; i < 9; i++) PngFile.Write(folder[$"a/{i}.png"], new Picture(2, 2, 1));
        File.WriteAllBytes(folder["a/5.png"], File.ReadAllBytes(folder["a/5.png"])[..^15]);
        using DataLoader loader = new(new ImageFolder(folder.Path, new() { Width = 2, Height = 2, Fit = PictureFit.Exact }), 2, new RandomFlip(), workers: workers);
        Assert.That(() => loader.Count(), Throws.TypeOf<PngFormatException>().With.Message.Contains("5.png"));
    }

    [Test]
    public void Samples_that_are_no_pictures_are_refused()
    {
        ArrayDataset<float, long> rows = new(new float[6], [3], new long[2], []);
        Assert.That(() => new DataLoader(rows, 2, new RandomFlip()), Throws.TypeOf<ShapeException>().With.Message.Contains("[channels, height, width]"));
        Assert.That(() => new DataLoader(new ArrayDataset<long, long>(new long[6], [1, 1, 3], new long[2], []), 2, new RandomFlip()), Throws.TypeOf<DTypeException>());
        Assert.That(() => new DataLoader(Pictures(2), 2, new RandomCrop(20, 20)), Throws.TypeOf<ShapeException>().With.Message.Contains("does not fit"));
        Assert.That(() => new DataLoader(rows, 2, workers: 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static DataLoader Make(int workers, int prefetch = 2) => new(Pictures(37), 6, Augment, shuffleSeed: 5, workers: workers, prefetch: prefetch);

    private static ArrayDataset<float, long> Pictures(int count)
    {
        Generator random = new(2);
        return new(Enumerable.Range(0, count * 3 * 8 * 8).Select(_ => (float)random.NextDouble()).ToArray(), [3, 8, 8], Enumerable.Range(0, count).Select(i => (long)i).ToArray(), []);
    }

    private static string[] Read(DataLoader loader) => [.. loader.Select(Text)];

    private static string Text(Batch batch) => $"{string.Join(' ', batch.Target.ToArray<long>())}: {string.Join(' ', batch.Input.ToArray<float>().Select(BitConverter.SingleToUInt32Bits))}";

    /// <summary>Refuses sample 11 of 20, which it knows by its first pixel.</summary>
    private sealed class Picky : ImageTransform
    {
        private static readonly float _refused = Sample(11);

        public override void Apply(ImageCanvas picture, Generator random)
        {
            if (picture.Pixels[0] == _refused) throw new InvalidOperationException("too dark");
        }

        public override string ToString() => "Picky";

        private static float Sample(int index)
        {
            ArrayDataset<float, long> data = Pictures(20);
            byte[] input = new byte[data.Input.ByteLength], target = new byte[8];
            data.Gather([index], input, target);
            return BitConverter.ToSingle(input);
        }
    }
}
