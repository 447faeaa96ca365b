using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class ImageFolderTests
{
    private static readonly ImageFolderOptions Small = new() { Width = 2, Height = 2, Fit = PictureFit.Exact };

    [Test]
    public void Folders_are_classes_and_names_order_everything()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "b/2.png", 20);
        Write(folder, "b/10.png", 10);
        Write(folder, "B/1.PNG", 30);
        Write(folder, "a/x.png", 40);
        File.WriteAllText(folder["a/notes.txt"], "");
        File.WriteAllText(folder["list.txt"], "");
        Directory.CreateDirectory(folder[".git"]);
        Directory.CreateDirectory(folder["b/inner"]);
        var pictures = new ImageFolder(folder.Path, Small);
        Assert.That(pictures.Classes, Is.EqualTo(new[] { "B", "a", "b" }));
        Assert.That(pictures.Paths.Select(p => Path.GetRelativePath(folder.Path, p)), Is.EqualTo(new[] { "B/1.PNG", "a/x.png", "b/10.png", "b/2.png" }));
        Assert.That(pictures.Labels.ToArray(), Is.EqualTo(new[] { 0, 1, 2, 2 }));
        Assert.That(pictures.Summary.Ignored, Is.EqualTo(new[] { "a/notes.txt", "b/inner", "list.txt" }));
        Assert.That(pictures.Summary.ToString(), Does.Contain("4 pictures in 3 classes; 3 entries ignored"));
    }

    [Test]
    public void A_loader_gets_standardized_planes_and_labels([Values(1, 3)] int threads)
    {
        using var folder = new TemporaryFolder();
        PngFile.Write(folder["0/a.png"], new Picture(2, 1, 3, [0, 51, 102, 255, 204, 153]));
        PngFile.Write(folder["1/b.png"], new Picture(2, 1, 1, [51, 102]));
        var pictures = new ImageFolder(folder.Path, Small with { Height = 1, Mean = [0, 0.2f, 0], Deviation = [1, 1, 0.5f], Threads = threads });
        using var loader = new DataLoader(pictures, 2);
        foreach ((Tensor x, Tensor y) in loader)
        {
            Assert.That(x.Shape, Is.EqualTo(Shape.Create(2, 3, 1, 2)));
            Assert.That(x.ToArray<float>(), Is.EqualTo(new[] { 0, 1, 0, 0.6f, 0.8f, 1.2f, 0.2f, 0.4f, 0, 0.2f, 0.4f, 0.8f }).Within(1e-6));
            Assert.That(y.ToArray<long>(), Is.EqualTo(new[] { 0, 1 }));
        }
    }

    [Test]
    public void Colours_become_gray_by_their_luminance()
    {
        using var folder = new TemporaryFolder();
        PngFile.Write(folder["0/a.png"], new Picture(3, 1, 4, [255, 0, 0, 0, 0, 255, 0, 9, 0, 0, 255, 255]));
        Assert.That(new ImageFolder(folder.Path, Small with { Width = 3, Height = 1, Channels = 1 }).Read(0).Pixels, Is.EqualTo(new byte[] { 76, 150, 29 }));
    }

    [TestCase(PictureFit.Stretch, new byte[] { 50, 160, 50, 160 })]
    [TestCase(PictureFit.CropCentre, new byte[] { 70, 140, 70, 140 })]
    [TestCase(PictureFit.Pad, new byte[] { 50, 160, 0, 0 })]
    public void Pictures_of_other_sizes_are_fitted_as_asked(PictureFit fit, byte[] expected)
    {
        using var folder = new TemporaryFolder();
        byte[] row = [0, 70, 140, 210];
        PngFile.Write(folder["0/a.png"], new Picture(4, fit == PictureFit.Pad ? 1 : 2, 1, fit == PictureFit.Pad ? row : [.. row, .. row]));
        Picture picture = new ImageFolder(folder.Path, Small with { Fit = fit, Channels = 1 }).Read(0);
        Assert.That((picture.Width, picture.Height), Is.EqualTo((2, 2)));
        Assert.That(picture.Pixels, Is.EqualTo(expected));
    }

    [Test]
    public void Broken_files_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "a/1.png", 1);
        File.WriteAllBytes(folder["a/2.png"], []);
        Assert.That(() => new ImageFolder(folder.Path, Small),
            Throws.InstanceOf<FormatException>().With.Message.Contains("2.png: expected a picture, found an empty file").And.Message.Contains("OnBrokenFile.Skip"));
        File.WriteAllText(folder["a/2.png"], "<html>");
        Assert.That(() => new ImageFolder(folder.Path, Small), Throws.InstanceOf<FormatException>().With.Message.Contains("3C68746D6C3E"));
    }

    [Test]
    public void Damage_further_inside_is_found_when_the_file_is_reached()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in (string[])["1", "2", "3", "4"]) Write(folder, $"a/{name}.png", 1);
        foreach (string name in (string[])["2", "3"]) Cut(folder[$"a/{name}.png"]);
        using var loader = new DataLoader(new ImageFolder(folder.Path, Small), 4);
        Assert.That(() => loader.Count(), Throws.TypeOf<PngFormatException>().With.Message.Contains("2.png"), "the first in the batch's order");
    }

    [Test]
    public void Broken_files_are_skipped_counted_and_named_when_asked()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "a/1.png", 1);
        Write(folder, "a/2.png", 2);
        Write(folder, "b/3.png", 3);
        Cut(folder["a/2.png"]);
        File.WriteAllBytes(folder["b/4.png"], []);
        PngFile.Write(folder["b/5.png"], new Picture(3, 2, 3));
        var pictures = new ImageFolder(folder.Path, Small with { OnBroken = OnBrokenFile.Skip });
        Assert.That((pictures.Count, pictures.Labels.ToArray()), Is.EqualTo((2, new[] { 0, 1 })));
        Assert.That(pictures.Summary.FilesPerClass, Is.EqualTo(new[] { ("a", 1), ("b", 1) }));
        Assert.That(pictures.Summary.Broken.Select(b => Path.GetFileName(b.Path)), Is.EqualTo(new[] { "2.png", "4.png", "5.png" }));
        Assert.That(pictures.Summary.ToString(), Does.Contain("3 left out because they cannot be read").And.Contain("2 × 2, found 3 × 2"));
    }

    [Test]
    public void Folders_that_hold_no_classes_or_pictures_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => new ImageFolder(folder["nowhere"], Small), Throws.InstanceOf<DirectoryNotFoundException>().With.Message.Contains("nowhere"));
        Assert.That(() => new ImageFolder(folder.Path, Small), Throws.InstanceOf<FormatException>().With.Message.Contains("a folder of its own"));
        Directory.CreateDirectory(folder["a"]);
        Assert.That(() => new ImageFolder(folder.Path, Small), Throws.InstanceOf<FormatException>().With.Message.Contains("found none."));
        File.WriteAllBytes(folder["a/1.png"], []);
        Assert.That(() => new ImageFolder(folder.Path, Small with { OnBroken = OnBrokenFile.Skip }), Throws.InstanceOf<FormatException>().With.Message.Contains("1 that cannot be read; the first: "));
        Assert.That(() => new ImageFolder(folder.Path, Small with { Mean = [0.5f] }), Throws.ArgumentException.With.Message.Contains("3 channels"));
    }

    [Test]
    public void Statistics_are_those_of_all_pictures()
    {
        using var folder = new TemporaryFolder();
        PngFile.Write(folder["0/a.png"], new Picture(2, 1, 3, [0, 255, 51, 0, 255, 51]));
        PngFile.Write(folder["1/b.png"], new Picture(2, 1, 3, [255, 255, 153, 255, 255, 153]));
        (float[] mean, float[] deviation) = new ImageFolder(folder.Path, Small with { Height = 1 }).Statistics();
        Assert.That(mean, Is.EqualTo(new[] { 0.5f, 1, 0.4f }).Within(1e-6));
        Assert.That(deviation, Is.EqualTo(new[] { 0.5f, 0, 0.2f }).Within(1e-6));
    }

    [Test]
    public void Jpeg_files_are_samples_where_the_library_is_installed()
    {
        if (!JpegFile.IsAvailable) Assert.Ignore("libjpeg-turbo is not installed (apt install libturbojpeg0)");
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["photo"]);
        File.WriteAllBytes(folder["photo/1.jpeg"], JpegSamples.Colour);
        File.WriteAllBytes(folder["photo/2.JPG"], JpegSamples.Gray);
        var pictures = new ImageFolder(folder.Path, Small with { Width = 17, Height = 13 });
        Assert.That(pictures.Read(0).Pixels, Is.EqualTo(JpegFile.Read(JpegSamples.Colour, "colour").Pixels));
        Assert.That(pictures.Read(1).Channels, Is.EqualTo(3));
    }

    [Test]
    public void Pictures_of_any_size_reach_the_transform_whole([Values(1, 2)] int workers)
    {
        using var folder = new TemporaryFolder();
        PngFile.Write(folder["0/a.png"], new Picture(3, 1, 1, [0, 51, 255]));
        PngFile.Write(folder["0/b.png"], new Picture(1, 2, 1, [102, 204]));
        PngFile.Write(folder["1/c.png"], new Picture(2, 2, 1, [51, 51, 51, 51]));
        var pictures = new ImageFolder(folder.Path, Small with { Fit = PictureFit.Original, Channels = 1 });
        using var loader = new DataLoader(new SubsetDataset(pictures, [2, 0, 1]), 2, new Corner(), workers: workers);
        float[][] inputs = [.. loader.Select(b => b.Input.ToArray<float>())];
        Assert.That(inputs, Is.EqualTo(new[] { new[] { 2, 2, 0.2f, 3, 1, 0 }, [1, 2, 0.4f] }).Within(1e-6), "width, height and first pixel of each");
        Assert.That(loader.SelectMany(b => b.Target.ToArray<long>()), Is.EqualTo(new[] { 1, 0, 0 }));
    }

    [Test]
    public void Pictures_of_any_size_need_a_transform_that_makes_one()
    {
        using var folder = new TemporaryFolder();
        PngFile.Write(folder["0/a.png"], new Picture(3, 1, 1, [0, 51, 255]));
        PngFile.Write(folder["0/b.png"], new Picture(2, 2, 1));
        var pictures = new ImageFolder(folder.Path, Small with { Fit = PictureFit.Original });
        Assert.That(() => new DataLoader(pictures, 2), Throws.ArgumentException.With.Message.Contains("RandomResizedCrop"));
        Assert.That(() => Normalize.FitChannels(pictures), Throws.InvalidOperationException.With.Message.Contains("with another fit"));
        using DataLoader flips = new(pictures, 2, new RandomFlip()), crops = new(pictures, 2, new RandomCrop(2, 2));
        Assert.That(() => flips.Count(), Throws.TypeOf<SampleException>().With.Message.Contains("a.png").And.Message.Contains("one size of all"));
        Assert.That(() => crops.Count(), Throws.TypeOf<SampleException>().With.Message.Contains("a.png").And.Message.Contains("does not fit"));
    }

    [Test]
    public void A_damaged_picture_of_any_size_is_named_where_it_is_reached()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "0/a.png", 1);
        byte[] file = File.ReadAllBytes(folder["0/a.png"]);
        file[^20] ^= 1;
        File.WriteAllBytes(folder["0/b.png"], file);
        using DataLoader loader = new(new ImageFolder(folder.Path, Small with { Fit = PictureFit.Original }), 1, new Resize(2, 2));
        int batches = 0;
        Assert.That(() =>
        {
            foreach (Batch _ in loader) batches++;
        }, Throws.InstanceOf<FormatException>().With.Message.Contains("b.png"));
        Assert.That(batches, Is.EqualTo(1));
    }

    private static void Write(TemporaryFolder folder, string name, byte gray)
    {
        Picture picture = new(2, 2, 1);
        picture.Pixels.AsSpan().Fill(gray);
        PngFile.Write(folder[name], picture);
    }

    private static void Cut(string path) => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^15]);

    /// <summary>Of a picture its width, its height and its first pixel.</summary>
    private sealed class Corner : ImageTransform
    {
        public override ImageShape ResultOf(ImageShape input) => new(1, 1, 3);

        public override void Apply(ImageCanvas picture, Generator random)
        {
            float[] found = [picture.Shape.Width, picture.Shape.Height, picture.Pixels[0]];
            found.CopyTo(picture.Begin(new(1, 1, 3)));
            picture.Commit();
        }
    }
}
