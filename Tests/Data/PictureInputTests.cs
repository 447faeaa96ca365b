using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Pictures from anywhere as inputs of a model that has learnt from a folder.</summary>
public sealed class PictureInputTests
{
    private static readonly Normalize _normalize = Normalize.ByChannel([0.1f, 0.2f, 0.3f], [0.5f, 0.25f, 2]);

    [Test]
    public void They_are_the_bits_that_a_loader_gives([Values(PictureFit.Stretch, PictureFit.CropCentre, PictureFit.Pad)] PictureFit fit, [Values] bool gray)
    {
        using TemporaryFolder folder = new();
        string path = Noise(folder, 9, 7, gray ? 1 : 3);
        ImageFolderOptions options = new() { Width = 5, Height = 4, Fit = fit, Mean = [0.5f, 0, 0], Deviation = [1, 2, 1] };
        using DataLoader loader = new(new ImageFolder(folder.Path, options), 1, _normalize);
        foreach ((Tensor x, _) in loader)
        {
            using TensorScope scope = new();
            Tensor input = options.ReadInput(path, _normalize);
            Assert.That(input.Shape, Is.EqualTo(Shape.Create(1, 3, 4, 5)));
            Assert.That(input.ToArray<float>(), Is.EqualTo(x.ToArray<float>()));
        }
    }

    [Test]
    public void One_of_any_size_goes_through_the_transform_whole()
    {
        using TemporaryFolder folder = new();
        using TensorScope scope = new();
        ImageFolderOptions options = new() { Width = 4, Height = 4, Fit = PictureFit.Original };
        string path = Noise(folder, 9, 7, 3);
        Assert.That(options.ReadInput(path).Shape, Is.EqualTo(Shape.Create(1, 3, 7, 9)));
        Assert.That(options.ReadInput(path, new Compose(new CentreCrop(4, 6), _normalize)).Shape.Span[1], Is.EqualTo(3));
        Assert.That((options with { Channels = 1 }).ReadInput(path).Shape, Is.EqualTo(Shape.Create(1, 1, 7, 9)));
    }

    [Test]
    public void What_cannot_be_one_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        ImageFolderOptions options = new() { Width = 4, Height = 4, Fit = PictureFit.Stretch, Channels = 1 };
        File.WriteAllText(folder["text.png"], "no picture");
        Assert.That(() => options.ReadInput(folder["text.png"]), Throws.InstanceOf<FormatException>().With.Message.Contains("text.png"));
        Assert.That(() => options.ReadInput(folder["nowhere.png"]), Throws.InstanceOf<IOException>().With.Message.Contains("nowhere.png"));
        Assert.That(() => options.ReadInput(Noise(folder, 9, 7, 3), _normalize), Throws.TypeOf<ShapeException>().With.Message.Contains("3 channels"));
        Assert.That(() => (options with { Fit = PictureFit.Exact }).ReadInput(Noise(folder, 9, 7, 3)), Throws.InstanceOf<FormatException>().With.Message.Contains("expected a picture of 4 × 4, found 9 × 7"));
        Assert.That(() => (options with { Width = 0 }).ReadInput(Noise(folder, 9, 7, 3)), Throws.ArgumentException.With.Message.Contains("positive size"));
    }

    private static string Noise(TemporaryFolder folder, int width, int height, int channels)
    {
        Directory.CreateDirectory(folder["class"]);
        Picture picture = new(width, height, channels);
        Generator random = new(3);
        for (int i = 0; i < picture.Pixels.Length; i++) picture.Pixels[i] = (byte)random.Next(256);
        string path = folder["class/noise.png"];
        PngFile.Write(path, picture);
        return path;
    }
}
