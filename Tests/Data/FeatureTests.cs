using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Features of pictures whose histograms can be counted by hand.</summary>
[InTensorScope]
public sealed class FeatureTests
{
    private static readonly ImageShape Pixel2 = new(3, 1, 2);

    private static float[] Picture(ImageShape shape, Func<int, int, int, double> value) =>
        [.. from c in Enumerable.Range(0, shape.Channels) from y in Enumerable.Range(0, shape.Height) from x in Enumerable.Range(0, shape.Width) select (float)value(c, y, x)];

    // Pictures with horizontal stripes (class 0) and vertical stripes (class 1), of random phase, contrast and noise.
    private static ArrayDataset<float, long> Stripes(int count, ulong seed)
    {
        ImageShape shape = new(3, 16, 16);
        Generator random = new(seed);
        long[] labels = [.. Enumerable.Range(0, count).Select(i => (long)(i % 2))];
        float[] values = [.. labels.SelectMany(label =>
        {
            double phase = 6 * random.NextDouble(), contrast = 0.1 + 0.3 * random.NextDouble();
            return Picture(shape, (_, y, x) => 0.5 + contrast * Math.Sin(phase + (label == 0 ? y : x)) + 0.05 * (random.NextDouble() - 0.5));
        })];
        return new(values, shape.ToShape(), labels, []);
    }

    [Test]
    public void A_histogram_counts_each_channel_by_itself()
    {
        // Red 0 and 1, green 0.25 and 0.3, blue 0.5 and 0.99.
        float[] features = ColourHistogram.PerChannel(4).Of([0, 1, 0.25f, 0.3f, 0.5f, 0.99f], Pixel2);
        float[] expected = [0.5f, 0, 0, 0.5f, 0, 1, 0, 0, 0, 0, 0.5f, 0.5f];
        Assert.That(features, Is.EqualTo(expected));
    }

    [TestCase(1, 0, 0, 0, 1, 1), TestCase(0, 1, 0, 1 / 3.0, 1, 1), TestCase(0, 0, 1, 2 / 3.0, 1, 1), TestCase(0.5, 0.5, 0.5, 0, 0, 0.5), TestCase(1, 0, 1, 5 / 6.0, 1, 1)]
    [TestCase(0.8, 0.4, 0.2, 1 / 18.0, 0.75, 0.8), TestCase(0.2, 0.2, 0.4, 2 / 3.0, 0.5, 0.4)]
    public void Hue_saturation_and_value_are_those_of_the_cone(double red, double green, double blue, double hue, double saturation, double value)
    {
        (float h, float s, float v) = ColourHistogram.Hsv((float)red, (float)green, (float)blue);
        Assert.That(new double[] { h, s, v }, Is.EqualTo(new[] { hue, saturation, value }).Within(1e-6));
    }

    [Test]
    public void A_joint_histogram_has_one_bin_for_each_colour()
    {
        // Pure blue: hue 2/3 (bin 4 of 6), saturation 1 (bin 1 of 2), value 1 (bin 1 of 2); black: hue 0, saturation 0, value 0.
        float[] features = ColourHistogram.JointHsv(6, 2, 2).Of([0, 0, 0, 0, 1, 0], Pixel2), expected = new float[24];
        (expected[(4 * 2 + 1) * 2 + 1], expected[0]) = (0.5f, 0.5f);
        Assert.That(features, Is.EqualTo(expected));
    }

    [TestCase(1, 0, 0), TestCase(0, 1, 90), TestCase(1, 1, 45), TestCase(-1, 1, 135), TestCase(-1, -1, 45), TestCase(-1, 0, 0)]
    public void The_gradients_of_a_ramp_lie_in_the_bins_of_its_direction(int across, int down, double degrees)
    {
        HistogramOfOrientedGradients hog = new() { CellSize = 4, BlockSize = 1, Bins = 9, Clip = 1 };
        ImageShape shape = new(1, 12, 12);
        float[] middle = hog.Of(Picture(shape, (_, y, x) => 0.5 + 0.02 * (across * x + down * y)), shape)[(4 * 9)..(5 * 9)];
        double at = degrees / 20, share = at - Math.Floor(at);
        double[] expected = new double[9];
        (expected[(int)at], expected[((int)at + 1) % 9]) = (1 - share, share);
        double length = Math.Sqrt(expected.Sum(e => e * e));
        Assert.That(middle, Is.EqualTo(expected.Select(e => e / length)).Within(1e-4));
        if (share == 0) Assert.That(middle.Count(f => f > 1e-4), Is.EqualTo(1));
    }

    [Test]
    public void Blocks_are_normalised_cut_and_normalised_again()
    {
        // Two by two cells of 2 × 2 pixels. Only the right half has an edge: the picture is 0, 0, 0, 1 across, so columns 2 and 3 have the gradient 1.
        HistogramOfOrientedGradients hog = new() { CellSize = 2, BlockSize = 2, Bins = 2, Clip = 0.2f };
        ImageShape shape = new(2, 4, 4);
        float[] features = hog.Of(Picture(shape, (c, _, x) => c == 1 && x == 3 ? 1 : 0), shape);
        // Cells [left, right, left, right], each [across, down]: the right ones have 4 votes across; 4/√32 is cut to 0.2, and of two equal ones each is 1/√2.
        Assert.That(features, Is.EqualTo(new[] { 0, 0, Math.Sqrt(0.5), 0, 0, 0, Math.Sqrt(0.5), 0 }).Within(1e-5));
    }

    [Test]
    public void Cutting_limits_a_dominant_direction()
    {
        // A ramp of 17° in a single cell: mostly across, a little down.
        HistogramOfOrientedGradients whole = new() { CellSize = 8, BlockSize = 1, Bins = 2, Clip = 1 }, cut = new() { CellSize = 8, BlockSize = 1, Bins = 2, Clip = 0.5f };
        ImageShape shape = new(1, 8, 8);
        float[] picture = Picture(shape, (_, y, x) => 0.1 * x + 0.03 * y), raw = whole.Of(picture, shape);
        double[] limited = [.. raw.Select(v => Math.Min(v, 0.5))];
        double length = Math.Sqrt(limited.Sum(v => v * v));
        Assert.That(raw[0], Is.GreaterThan(0.5f));
        Assert.That(cut.Of(picture, shape), Is.EqualTo(limited.Select(v => v / length)).Within(1e-5));
    }

    [Test]
    public void Gradients_without_edges_are_zero_and_blocks_overlap()
    {
        HistogramOfOrientedGradients hog = new();
        ImageShape shape = new(3, 32, 40);
        float[] features = hog.Of(Picture(shape, (_, _, _) => 0.7), shape);
        Assert.That(features, Has.Length.EqualTo(3 * 4 * 2 * 2 * 9).And.All.Zero);
    }

    [Test]
    public void A_codebook_tells_patterns_apart_and_is_loaded_to_the_bit()
    {
        using TemporaryFolder folder = new();
        ArrayDataset<float, long> training = Stripes(40, 1);
        VisualCodebook codebook = VisualCodebook.Fit(training, words: 8, patchSize: 5, patchesPerPicture: 10, seed: 3), again = VisualCodebook.Fit(training, 8, 5, patchesPerPicture: 10, seed: 3);
        ImageShape shape = new(3, 16, 16);
        float[] horizontal = Picture(shape, (_, y, _) => 0.5 + 0.3 * Math.Sin(y)), vertical = Picture(shape, (_, _, x) => 0.5 + 0.3 * Math.Sin(x));
        (float[] first, float[] second) = (codebook.Of(horizontal, shape), codebook.Of(vertical, shape));
        Assert.That(first.Sum(), Is.EqualTo(1.0).Within(1e-5));
        Assert.That(first.Zip(second, Math.Min).Sum(), Is.LessThan(0.1), "few words in common");
        Assert.That(again.Of(horizontal, shape), Is.EqualTo(first));
        codebook.Save(folder["codebook.json"]);
        VisualCodebook loaded = VisualCodebook.Load(folder["codebook.json"]);
        Assert.That(loaded.Word(7).ToArray(), Is.EqualTo(codebook.Word(7).ToArray()));
        Assert.That(loaded.Of(vertical, shape), Is.EqualTo(second));
        Assert.That(loaded.ToString(), Is.EqualTo(codebook.ToString()));
    }

    [Test]
    public void A_set_joins_features_and_normalises_by_the_training_part_alone()
    {
        ArrayDataset<float, long> pictures = Stripes(60, 2);
        SubsetDataset training = new(pictures, [.. Enumerable.Range(0, 40).Select(i => (long)i)]);
        FeatureExtractor[] extractors = [new HistogramOfOrientedGradients(), ColourHistogram.PerChannel(4)];
        FeatureSet set = FeatureSet.Fit(training, extractors);
        Assert.That(set.Count, Is.EqualTo(36 + 12));
        using DataLoader loader = new(set.Encode(training), 40), other = new(set.Encode(pictures), 60);
        float[][] rows = [.. loader.First().Input.ToArray<float>().Chunk(48)];
        for (int j = 0; j < 48; j++)
        {
            double mean = rows.Average(row => (double)row[j]), square = rows.Average(row => (double)row[j] * row[j]);
            Assert.That(mean, Is.EqualTo(0.0).Within(1e-4));
            Assert.That(square, Is.EqualTo(1.0).Within(1e-3).Or.LessThan(1e-6));
        }

        float[] all = other.First().Input.ToArray<float>();
        Assert.That(all[..(40 * 48)], Is.EqualTo(rows.SelectMany(row => row)), "others change nothing");
        float[] picture = new float[768];
        pictures.Gather([50], System.Runtime.InteropServices.MemoryMarshal.AsBytes(picture.AsSpan()), new byte[8]);
        float[] raw = [.. extractors.SelectMany(e => e.Of(picture, new(3, 16, 16)))];
        Assert.That(set.Of(picture), Is.EqualTo(raw.Select((f, j) => (f - set.Mean[j]) / set.Deviation[j])));
        Assert.That(all[(50 * 48)..(51 * 48)], Is.EqualTo(set.Of(picture)));

    }

    [Test]
    public void A_set_is_loaded_to_the_bit_with_its_codebook_from_one_file()
    {
        using TemporaryFolder folder = new();
        ArrayDataset<float, long> pictures = Stripes(30, 2);
        FeatureSet set = FeatureSet.Fit(pictures, new HistogramOfOrientedGradients { CellSize = 4, Bins = 5, Clip = 0.3f }, ColourHistogram.JointHsv(4, 2, 3),
            VisualCodebook.Fit(pictures, words: 7, patchSize: 5, stride: 3, patchesPerPicture: 6, seed: 3), ColourHistogram.PerChannel(3));
        set.Save(folder["set.json"]);
        FeatureSet loaded = FeatureSet.Load(folder["set.json"]);
        float[] picture = new float[768];
        for (long i = 0; i < 30; i++)
        {
            pictures.Gather([i], System.Runtime.InteropServices.MemoryMarshal.AsBytes(picture.AsSpan()), new byte[8]);
            Assert.That(loaded.Of(picture), Is.EqualTo(set.Of(picture)));
        }

        Assert.That(loaded.ToString(), Is.EqualTo(set.ToString()));
        loaded.Save(folder["again.json"]);
        Assert.That(File.ReadAllBytes(folder["again.json"]), Is.EqualTo(File.ReadAllBytes(folder["set.json"])));
    }

    [Test]
    public void Extractors_of_ones_own_are_given_again()
    {
        using TemporaryFolder folder = new();
        ArrayDataset<float, long> pictures = Stripes(6, 2);
        FeatureSet set = FeatureSet.Fit(pictures, new Corner(), ColourHistogram.PerChannel(2));
        set.Save(folder["set.json"]);
        float[] picture = new float[768];
        Assert.That(FeatureSet.Load(folder["set.json"], new Corner()).Of(picture), Is.EqualTo(set.Of(picture)));
        Assert.That(() => FeatureSet.Load(folder["set.json"]), Throws.TypeOf<FittedFileException>().With.Message.Contains("with the extractors [Corner], and [] are given"));
        Assert.That(() => FeatureSet.Load(folder["set.json"], new Corner(), new Corner()), Throws.TypeOf<FittedFileException>().With.Message.Contains("[Corner, Corner] are given"));
    }

    [Test]
    public void Damaged_cut_and_foreign_sets_are_refused_with_the_reason()
    {
        using TemporaryFolder folder = new();
        ArrayDataset<float, long> pictures = Stripes(6, 2);
        FeatureSet.Fit(pictures, ColourHistogram.PerChannel(2), VisualCodebook.Fit(pictures, words: 2, patchSize: 3, seed: 1)).Save(folder["set.json"]);
        string whole = File.ReadAllText(folder["set.json"]);
        foreach ((string from, string to, string reason) in (ReadOnlySpan<(string, string, string)>)
            [
                ("colour histogram", "smell", "no extractor of the kind \"smell\""), ("\"bins\": 2", "\"bins\": 3", "make 11 numbers"), ("\"bins\": 2", "\"bins\": 0", "at least one bin"),
                ("\"patchSize\": 3", "\"patchSize\": 17", "are no"), ("\"stride\": 2", "\"stride\": 0", "0 apart"), ("gradwright feature set", "gradwright k-means", "it is gradwright k-means"),
                ("\"version\": 1", "\"version\": 9", "version 9"), ("\"mean\"", "\"median\"", "given key"),
            ])
        {
            File.WriteAllText(folder["bad.json"], whole.Replace(from, to, StringComparison.Ordinal));
            Assert.That(() => FeatureSet.Load(folder["bad.json"]), Throws.TypeOf<FittedFileException>().With.Message.Contains("bad.json").And.Message.Contains(reason), reason);
        }

        foreach (int length in (int[])[0, 1, whole.Length / 2, whole.Length - 2])
        {
            File.WriteAllText(folder["bad.json"], whole[..length]);
            Assert.That(() => FeatureSet.Load(folder["bad.json"]), Throws.TypeOf<FittedFileException>().With.Message.Contains("bad.json"));
        }
    }

    [Test]
    public void A_linear_classifier_separates_stripes_by_their_features()
    {
        ArrayDataset<float, long> training = Stripes(60, 4), held = Stripes(40, 5);
        FeatureSet set = FeatureSet.Fit(training, new HistogramOfOrientedGradients());
        using DataLoader loader = new(set.Encode(training), 60), test = new(set.Encode(held), 40);
        Batch all = loader.First();
        // The line between the two classes' means.
        float[][] rows = [.. all.Input.ToArray<float>().Chunk(set.Count)];
        double[] weight = [.. Enumerable.Range(0, set.Count).Select(j => rows.Select((row, i) => (2 * (i % 2) - 1) * row[j]).Average())];
        int right = test.First().Input.ToArray<float>().Chunk(set.Count).Where((row, i) => row.Zip(weight, (f, w) => f * w).Sum() > 0 == (i % 2 == 1)).Count();
        Assert.That(right, Is.EqualTo(40));
    }

    [Test]
    public void Errors_say_what_is_wrong()
    {
        HistogramOfOrientedGradients hog = new();
        Assert.That(() => hog.CountFor(new(1, 15, 28)), Throws.TypeOf<ShapeException>().With.Message.Contains("16 pixels").And.Message.Contains("[1, 15, 28]"));
        Assert.That(() => new HistogramOfOrientedGradients { Bins = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => ColourHistogram.JointHsv().CountFor(new(1, 8, 8)), Throws.TypeOf<ShapeException>().With.Message.Contains("PerChannel"));
        Assert.That(() => ColourHistogram.PerChannel(0), Throws.ArgumentException);
        ArrayDataset<float, long> pictures = Stripes(4, 1), flat = new(new float[8], [4], new long[2], []), negative = new((float[])[0, 0, 0, 0, 0, 0, 0, -2], [1, 2, 2], new long[2], []);
        Assert.That(() => FeatureSet.Fit(pictures), Throws.ArgumentException.With.Message.Contains("at least one extractor"));
        Assert.That(() => FeatureSet.Fit(flat, hog), Throws.TypeOf<ShapeException>());
        Assert.That(() => FeatureSet.Fit(negative, ColourHistogram.PerChannel()), Throws.TypeOf<SampleException>().With.Message.Contains("sample 1").And.Message.Contains("-2"));
        Assert.That(() => VisualCodebook.Fit(pictures, 8, patchSize: 17), Throws.TypeOf<ShapeException>().With.Message.Contains("17"));
        Assert.That(() => VisualCodebook.Fit(pictures, 81, patchesPerPicture: 20), Throws.ArgumentException.With.Message.Contains("80 vectors"));
    }

    /// <summary>The first pixel.</summary>
    private sealed class Corner : FeatureExtractor
    {
        public override int CountFor(ImageShape picture) => 1;

        public override void Extract(ReadOnlySpan<float> pixels, ImageShape shape, Span<float> features) => features[0] = pixels[0];

        public override string ToString() => "Corner";
    }
}
