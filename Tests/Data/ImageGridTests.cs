using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class ImageGridTests
{
    [Test]
    public void Tiles_are_enlarged_and_bordered()
    {
        Picture picture = ImageGrid.Tile([1, 2, 3, 4, 5, 6], channels: 1, height: 1, width: 2, columns: 2, scale: 2, border: 1);
        byte g = 128;
        Assert.That((picture.Width, picture.Height), Is.EqualTo((11, 7)));
        Assert.That(picture.Row(1).ToArray(), Is.EqualTo(new byte[] { g, 1, 1, 2, 2, g, 3, 3, 4, 4, g }));
        Assert.That(picture.Row(2).ToArray(), Is.EqualTo(picture.Row(1).ToArray()));
        Assert.That(picture.Row(3).ToArray(), Is.All.EqualTo(g));
        Assert.That(picture.Row(4).ToArray(), Is.EqualTo(new byte[] { g, 5, 5, 6, 6, g, g, g, g, g, g }), "an empty cell stays gray");
    }

    [Test]
    public void Planes_of_colour_are_interleaved()
    {
        Picture picture = ImageGrid.Tile([10, 11, 20, 21, 30, 31], channels: 3, height: 1, width: 2, scale: 1, border: 0);
        Assert.That(picture.Pixels, Is.EqualTo(new byte[] { 10, 20, 30, 11, 21, 31 }));
    }

    [Test]
    public void Filters_are_stretched_about_zero_each_on_its_own()
    {
        float[] filters = [0, 0.5f, -1, 0, 0, 0, float.NaN, float.PositiveInfinity, 3];
        Picture picture = ImageGrid.TileFilters(filters, channels: 1, height: 1, width: 3, columns: 1, scale: 1, border: 0);
        Assert.That(picture.Pixels, Is.EqualTo(new byte[] { 128, 192, 1, 128, 128, 128, 0, 255, 255 }));
    }

    [Test]
    public void A_tensor_of_filters_gives_the_picture_of_its_numbers()
    {
        using Tensor filters = Tensor.Normal([6, 3, 4, 5], new Generator(1), dtype: DType.Float64), matrix = Tensor.Zeros([6, 60]);
        float[] values = Array.ConvertAll(filters.ToArray<double>(), value => (float)value);
        Assert.That(ImageGrid.TileFilters(filters, columns: 4, scale: 2).Pixels, Is.EqualTo(ImageGrid.TileFilters(values, 3, 4, 5, columns: 4, scale: 2).Pixels));
        Assert.That(() => ImageGrid.TileFilters(matrix), Throws.ArgumentException.With.Message.Contains("[6, 60]"));
    }

    [Test]
    public void Filters_of_many_channels_take_a_row_each()
    {
        Picture picture = ImageGrid.TileFilters(new float[2 * 5 * 3 * 3], channels: 5, height: 3, width: 3, scale: 1, border: 0);
        Assert.That((picture.Width, picture.Height, picture.Channels), Is.EqualTo((15, 6, 1)));
    }

    [Test]
    public void Samples_of_a_data_set_are_shown()
    {
        Picture picture = ImageGrid.Tile(SyntheticDigits.Generate(30, seed: 1), count: 100, scale: 1, border: 0);
        Assert.That((picture.Width, picture.Height), Is.EqualTo((6 * 28, 5 * 28)));
    }

    [Test]
    public void Sizes_that_do_not_fit_are_refused()
    {
        Assert.That(() => ImageGrid.Tile([], 1, 1, 1), Throws.ArgumentException.With.Message.Contains("0 values"));
        Assert.That(() => ImageGrid.Tile([1, 2, 3], 1, 1, 2), Throws.ArgumentException.With.Message.Contains("[1, 1, 2]"));
        Assert.That(() => ImageGrid.Tile([1, 2], 2, 1, 1), Throws.ArgumentException.With.Message.Contains("2 channels"));
        Assert.That(() => ImageGrid.Tile([1, 2], 1, 1, 1, scale: 0), Throws.ArgumentException.With.Message.Contains("scale ≥ 1"));
        Assert.That(() => new Picture(2, 2, 5), Throws.ArgumentException);
        Assert.That(() => new Picture(2, 2, 3, new byte[11]), Throws.ArgumentException.With.Message.Contains("12 bytes, but 11"));
    }
}
