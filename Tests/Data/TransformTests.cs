using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Transforms against formulas written out pixel by pixel.</summary>
[InTensorScope]
public sealed class TransformTests
{
    private static readonly ImageShape Shape = new(3, 5, 7);

    // Distinct values in 0 … 1.
    private static float[] Pixels(ImageShape shape) => [.. Enumerable.Range(0, shape.Count).Select(i => i * 37 % shape.Count / (float)shape.Count)];

    [TestCase(PadMode.Constant), TestCase(PadMode.Reflect), TestCase(PadMode.Replicate)]
    public void A_random_crop_is_a_window_of_the_bordered_picture(PadMode border)
    {
        float[] x = Pixels(Shape);
        RandomCrop crop = new(4, 6, padding: 2, border, fill: 9);
        HashSet<(int, int)> seen = [];
        Generator random = new(1);
        for (int trial = 0; trial < 300; trial++)
        {
            float[] y = crop.Apply(x, Shape, random);
            (int Top, int Left)[] places = [.. from top in Enumerable.Range(-2, 6) from left in Enumerable.Range(-2, 6) where Window(top, left).SequenceEqual(y) select (top, left)];
            Assert.That(places, Is.Not.Empty);
            foreach ((int, int) place in places) seen.Add(place);
        }

        Assert.That(seen, Has.Count.EqualTo(36), "every place occurs");

        IEnumerable<float> Window(int top, int left) => from c in Enumerable.Range(0, 3) from i in Enumerable.Range(top, 4) from j in Enumerable.Range(left, 6) select At(c, i, j);
        float At(int c, int i, int j)
        {
            if (border == PadMode.Constant && (i < 0 || j < 0 || i >= 5 || j >= 7)) return 9;
            (i, j) = border == PadMode.Reflect ? (Mirror(i, 5), Mirror(j, 7)) : (Math.Clamp(i, 0, 4), Math.Clamp(j, 0, 6));
            return x[(c * 5 + i) * 7 + j];
        }

        static int Mirror(int i, int n) => i < 0 ? -i : i >= n ? 2 * n - 2 - i : i;
    }

    [Test]
    public void Flips_mirror_the_share_that_is_asked_for()
    {
        float[] x = Pixels(Shape);
        float[] across = [.. from c in Enumerable.Range(0, 3) from i in Enumerable.Range(0, 5) from j in Enumerable.Range(0, 7) select x[(c * 5 + i) * 7 + 6 - j]];
        float[] down = [.. from c in Enumerable.Range(0, 3) from i in Enumerable.Range(0, 5) from j in Enumerable.Range(0, 7) select x[(c * 5 + 4 - i) * 7 + j]];
        Assert.That(new RandomFlip(probability: 1).Apply(x, Shape, new Generator(1)), Is.EqualTo(across));
        Assert.That(new RandomFlip(FlipAxis.Vertical, 1).Apply(x, Shape, new Generator(1)), Is.EqualTo(down));
        Assert.That(new RandomFlip(probability: 0).Apply(x, Shape, new Generator(1)), Is.EqualTo(x));
        Generator random = new(3);
        int flipped = Enumerable.Range(0, 1000).Count(_ => new RandomFlip(probability: 0.3).Apply(x, Shape, random).SequenceEqual(across));
        Assert.That(flipped, Is.InRange(250, 350));
    }

    [Test]
    public void A_centre_crop_keeps_the_middle()
    {
        float[] y = new CentreCrop(3, 3).Apply(Pixels(Shape), Shape, new Generator(1));
        Assert.That(y, Is.EqualTo(from c in Enumerable.Range(0, 3) from i in Enumerable.Range(1, 3) from j in Enumerable.Range(2, 3) select Pixels(Shape)[(c * 5 + i) * 7 + j]));
    }

    [TestCase(10, 14), TestCase(9, 8)]
    public void Enlarging_agrees_with_the_op_on_tensors(int height, int width)
    {
        float[] y = new Resize(height, width).Apply(Pixels(Shape), Shape, new Generator(1));
        Assert.That(y, Is.EqualTo(Tensor.From(Pixels(Shape)).Reshape(1, 3, 5, 7).Resize([height, width], Interpolation.Linear).ToArray<float>()).Within(1e-5));
    }

    [TestCase(3, 4), TestCase(12, 9)]
    public void The_nearest_pixel_is_that_under_the_new_ones_centre(int height, int width)
    {
        float[] y = new Resize(height, width, Interpolation.Nearest).Apply(Pixels(Shape), Shape, new Generator(1));
        Assert.That(y, Is.EqualTo(from c in Enumerable.Range(0, 3) from i in Enumerable.Range(0, height) from j in Enumerable.Range(0, width)
            select Pixels(Shape)[(c * 5 + (2 * i + 1) * 5 / (2 * height)) * 7 + (2 * j + 1) * 7 / (2 * width)]));
    }

    [Test]
    public void Halving_averages_what_falls_together()
    {
        float[] y = new Resize(1, 2).Apply([0, 0, 1, 1], new(1, 1, 4), new Generator(1));
        Assert.That(y, Is.EqualTo(new[] { 1 / 7f, 6 / 7f }).Within(1e-6), "weights 3, 3, 1 of pixels at distances ½, ½, 1½ of a triangle of half-width 2");
    }

    [Test]
    public void A_resized_crop_is_of_the_area_and_the_proportions_that_are_asked_for()
    {
        RandomResizedCrop crop = new(8, 8, scale: (0.25, 0.5), ratio: (0.5, 2));
        ImageShape large = new(1, 100, 120);
        Generator random = new(1);
        for (int i = 0; i < 500; i++)
        {
            (int top, int left, int height, int width) = crop.Part(large, random);
            Assert.That(height * width / 12_000.0, Is.InRange(0.24, 0.51));
            Assert.That(width / (double)height, Is.InRange(0.48, 2.05));
            Assert.That(top >= 0 && left >= 0 && top + height <= 100 && left + width <= 120);
        }

        Assert.That(new RandomResizedCrop(5, 7, scale: (1, 1), ratio: (1.4, 1.4)).Apply(Pixels(Shape), Shape, random), Is.EqualTo(Pixels(Shape)).Within(1e-6));
        Assert.That(new RandomResizedCrop(4, 4, scale: (1, 1), ratio: (1, 1)).Part(new(1, 10, 30), random), Is.EqualTo((0, 10, 10, 10)), "no draw fits: the middle");
    }

    [Test]
    public void A_quarter_turn_moves_every_pixel_to_its_place([Values] Interpolation interpolation)
    {
        ImageShape square = new(2, 4, 4);
        ImageCanvas canvas = new();
        canvas.Load(Pixels(square), square);
        AffineMap.Of(square, rotation: 90, scale: 1, shearX: 0, shearY: 0, shiftX: 0, shiftY: 0).Apply(canvas, interpolation, fill: 0);
        Assert.That(canvas.Pixels.ToArray(), Is.EqualTo(from c in Enumerable.Range(0, 2) from i in Enumerable.Range(0, 4) from j in Enumerable.Range(0, 4)
            select Pixels(square)[(c * 4 + 3 - j) * 4 + i]).Within(1e-5), "clockwise: what was at the left is at the top");
    }

    [Test]
    public void A_shift_moves_rows_and_columns_and_fills()
    {
        ImageCanvas canvas = new();
        canvas.Load(Pixels(Shape), Shape);
        AffineMap.Of(Shape, 0, 1, 0, 0, shiftX: 2, shiftY: -1).Apply(canvas, Interpolation.Linear, fill: 5);
        Assert.That(canvas.Pixels.ToArray(), Is.EqualTo(from c in Enumerable.Range(0, 3) from i in Enumerable.Range(0, 5) from j in Enumerable.Range(0, 7)
            select j < 2 || i > 3 ? 5 : Pixels(Shape)[(c * 5 + i + 1) * 7 + j - 2]).Within(1e-6));
    }

    [Test]
    public void Affine_maps_agree_with_sampled_grids()
    {
        // The grid's coordinates go from −1 to 1 between the pictures' edges; pixel i of n lies at (2i + 1) / n − 1.
        ImageShape square = new(2, 6, 6);
        AffineMap map = AffineMap.Of(square, rotation: 25, scale: 1.2, shearX: 10, shearY: -5, shiftX: 0.7, shiftY: -1.1), back = map.Inverse();
        float[] grid = [.. from y in Enumerable.Range(0, 6) from x in Enumerable.Range(0, 6) from n in (double[])[back.A * x + back.B * y + back.C, back.D * x + back.E * y + back.F] select (float)((2 * n + 1) / 6 - 1)];
        ImageCanvas canvas = new();
        canvas.Load(Pixels(square), square);
        map.Apply(canvas, Interpolation.Linear, fill: 0);
        Tensor expected = Tensor.From(Pixels(square)).Reshape(1, 2, 6, 6).GridSample(Tensor.From(grid).Reshape(1, 6, 6, 2), Interpolation.Linear, GridBorder.Zeros, false);
        Assert.That(canvas.Pixels.ToArray(), Is.EqualTo(expected.ToArray<float>()).Within(1e-5));
    }

    [Test]
    public void Random_affine_maps_keep_to_their_limits()
    {
        float[] x = Pixels(Shape);
        Assert.That(new RandomAffine().Apply(x, Shape, new Generator(1)), Is.EqualTo(x).Within(1e-6), "nothing is asked for");
        float[] turned = new RandomAffine { Rotation = 30, Translation = 0.2, Scale = (0.8, 1.2), Shear = 10 }.Apply(x, Shape, new Generator(1));
        Assert.That(turned, Is.Not.EqualTo(x).Within(1e-3));
        Assert.That(turned, Is.All.InRange(0f, 1f));
    }

    [Test]
    public void Colours_change_by_their_formulas()
    {
        float[] pixel = [0.8f, 0.4f, 0.2f];                 // hue 20°, luminance 0.4968
        ImageShape one = new(3, 1, 1);
        Assert.That(Changed(c => Colours.Brightness(c, 1.5f)), Is.EqualTo(new[] { 1, 0.6f, 0.3f }).Within(1e-6), "cut at 1");
        Assert.That(Changed(c => Colours.Contrast(c, 0.5f)), Is.EqualTo(new[] { 0.6484f, 0.4484f, 0.3484f }).Within(1e-5));
        Assert.That(Changed(c => Colours.Saturation(c, 0)), Is.EqualTo(new[] { 0.4968f, 0.4968f, 0.4968f }).Within(1e-5));
        Assert.That(Changed(c => Colours.Hue(c, 1 / 3f)), Is.EqualTo(new[] { 0.2f, 0.8f, 0.4f }).Within(1e-5), "a third of the circle: red becomes green");
        Assert.That(Changed(c => Colours.Hue(c, -1 / 3f)), Is.EqualTo(new[] { 0.4f, 0.2f, 0.8f }).Within(1e-5));
        Assert.That(Changed(c => Colours.Hue(c, 0.5f)), Is.EqualTo(new[] { 0.2f, 0.6f, 0.8f }).Within(1e-5), "the opposite hue, 200°");
        Assert.That(new Grayscale(3).Apply(pixel, one, new Generator(1)), Is.EqualTo(new[] { 0.4968f, 0.4968f, 0.4968f }).Within(1e-5));
        Assert.That(new Grayscale().ResultOf(one), Is.EqualTo(new ImageShape(1, 1, 1)));

        float[] Changed(Action<ImageCanvas> change)
        {
            ImageCanvas canvas = new();
            canvas.Load(pixel, one);
            change(canvas);
            return canvas.Pixels.ToArray();
        }
    }

    [Test]
    public void Jitter_stays_in_range_and_differs_from_picture_to_picture()
    {
        ColourJitter jitter = new() { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 };
        Generator random = new(1);
        float[] first = jitter.Apply(Pixels(Shape), Shape, random), second = jitter.Apply(Pixels(Shape), Shape, random);
        Assert.That(first, Is.Not.EqualTo(second));
        Assert.That(first.Concat(second), Is.All.InRange(0f, 1f));
    }

    [Test]
    public void Erasing_blanks_one_rectangle_in_all_channels()
    {
        ImageShape shape = new(2, 20, 20);
        float[] x = [.. Enumerable.Repeat(1f, shape.Count)];
        Generator random = new(2);
        for (int trial = 0; trial < 50; trial++)
        {
            float[] y = new RandomErasing(1, area: (0.1, 0.3), fill: -1).Apply(x, shape, random);
            int[] blank = [.. Enumerable.Range(0, 400).Where(i => y[i] == -1)];
            int height = blank.Max(i => i / 20) - blank.Min(i => i / 20) + 1, width = blank.Max(i => i % 20) - blank.Min(i => i % 20) + 1;
            Assert.That(blank, Has.Length.EqualTo(height * width).And.Length.InRange(30, 140));
            Assert.That(y[400..], Is.EqualTo(y[..400]));
        }
    }

    [Test]
    public void Fitted_means_are_those_of_the_training_part_and_come_back_from_a_file()
    {
        using TemporaryFolder folder = new();
        float[] values = [0, 0.5f, 1, 1, 0.25f, 0.75f, 0, 1];      // two pictures of 2 channels, 1 × 2
        ArrayDataset<float, long> data = new(values, [2, 1, 2], new long[2], []);
        Normalize channels = Normalize.FitChannels(data), pixels = Normalize.FitPixels(data);
        Assert.That(channels.Mean.ToArray(), Is.EqualTo(new[] { 0.375f, 0.75f }).Within(1e-6));
        Assert.That(channels.Deviation.ToArray(), Is.EqualTo(new[] { MathF.Sqrt(0.875f / 4 - 0.140625f), MathF.Sqrt(0.75f - 0.5625f) }).Within(1e-6));
        Assert.That(pixels.Mean.ToArray(), Is.EqualTo(new[] { 0.125f, 0.625f, 0.5f, 1 }).Within(1e-6));
        Assert.That(pixels.Deviation.ToArray(), Is.EqualTo(new[] { 0.125f, 0.125f, 0.5f, 1 }).Within(1e-6), "a pixel that never changes gets 1");
        foreach (Normalize fitted in (Normalize[])[channels, pixels])
        {
            fitted.Save(folder["n.json"]);
            Normalize loaded = Normalize.Load(folder["n.json"]);
            Assert.That(loaded.Apply(values.AsSpan(0, 4), new(2, 1, 2), new Generator(1)), Is.EqualTo(fitted.Apply(values.AsSpan(0, 4), new(2, 1, 2), new Generator(1))));
        }

        Assert.That(new Rescale().Apply(values.AsSpan(0, 4), new(2, 1, 2), new Generator(1)), Is.EqualTo(new[] { -1f, 0, 1, 1 }));
        File.WriteAllText(folder["n.json"], "{}");
        Assert.That(() => Normalize.Load(folder["n.json"]), Throws.TypeOf<FittedFileException>());
    }

    [Test]
    public void Pictures_that_do_not_fit_are_refused_with_a_remedy()
    {
        Assert.That(() => new RandomCrop(9, 9, padding: 1).ResultOf(Shape), Throws.TypeOf<ShapeException>().With.Message.Contains("9×9 does not fit into a picture [3, 5, 7] with a border of 1"));
        Assert.That(() => new RandomCrop(5, 5, padding: 5, PadMode.Reflect).ResultOf(Shape), Throws.TypeOf<ShapeException>().With.Message.Contains("at most 4"));
        Assert.That(() => new CentreCrop(6, 6).ResultOf(Shape), Throws.TypeOf<ShapeException>().With.Message.Contains("resize first"));
        Assert.That(() => new ColourJitter { Hue = 0.1 }.ResultOf(new(1, 5, 5)), Throws.TypeOf<ShapeException>().With.Message.Contains("saturation and hue at 0"));
        Assert.That(() => Normalize.ByChannel([0], [1]).ResultOf(Shape), Throws.TypeOf<ShapeException>().With.Message.Contains("1 channels"));
        Assert.That(() => new RandomApply(new CentreCrop(2, 2)).ResultOf(Shape), Throws.TypeOf<ShapeException>().With.Message.Contains("another form than the rest"));
        Assert.That(() => new RandomFlip(probability: 1.5), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("a probability"));
        Assert.That(() => new RandomAffine { Rotation = double.NaN }, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
