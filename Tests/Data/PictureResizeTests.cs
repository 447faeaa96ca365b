using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class PictureResizeTests
{
    [Test]
    public void Growing_interpolates_between_the_centres_of_pixels() =>
        Assert.That(new Picture(2, 1, 1, [0, 100]).Resize(4, 1).Pixels, Is.EqualTo(new byte[] { 0, 25, 75, 100 }));

    // New pixel 0 is at 1 in old pixels and reaches from −1 to 3: weights of the old centres 0.5, 1.5, 2.5 are 0.75, 0.75, 0.25.
    [Test]
    public void Shrinking_weighs_all_pixels_that_a_new_one_covers() =>
        Assert.That(new Picture(4, 1, 1, [0, 70, 140, 210]).Resize(2, 1).Pixels, Is.EqualTo(new byte[] { 50, 160 }));

    [Test]
    public void Rows_and_columns_and_channels_are_treated_alike()
    {
        Picture wide = new(4, 1, 3, [.. Enumerable.Range(0, 12).Select(i => (byte)(i * 20))]), high = new(1, 4, 3, wide.Pixels);
        Assert.That(high.Resize(1, 3).Pixels, Is.EqualTo(wide.Resize(3, 1).Pixels));
        Picture one = new(4, 1, 1, [.. Enumerable.Range(0, 4).Select(i => (byte)(i * 60 + 40))]);
        Assert.That(Enumerable.Range(0, 3).Select(x => wide.Resize(3, 1)[x, 0][2]), Is.EqualTo(one.Resize(3, 1).Pixels));
    }

    [TestCase(1, 1)]
    [TestCase(100, 3)]
    [TestCase(5, 40)]
    public void A_picture_of_one_colour_keeps_it(int width, int height)
    {
        Picture picture = new(31, 17, 1);
        picture.Pixels.AsSpan().Fill(213);
        Picture resized = picture.Resize(width, height);
        Assert.That((resized.Width, resized.Height), Is.EqualTo((width, height)));
        Assert.That(resized.Pixels, Is.All.EqualTo(213));
    }

    [Test]
    public void A_part_is_enlarged_by_itself_where_it_ends_at_the_border()
    {
        Picture picture = new(4, 1, 1, [10, 20, 30, 40]);
        Assert.That(picture.Resize(2, 1, 2, 0, 2, 1).Pixels, Is.EqualTo(new byte[] { 30, 40 }));
        Assert.That(() => picture.Resize(2, 1, 3, 0, 2, 1), Throws.ArgumentException.With.Message.Contains("2 × 1 at (3, 0)"));
        Assert.That(() => picture.Resize(0, 1), Throws.ArgumentException);
    }
}
