using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class JpegFileTests
{
    private const int Width = 17, Height = 13;

    // What an independent decoder makes of the pixels (0, 0), (8, 0), (16, 0), (0, 6) ... (16, 12).
    private static readonly byte[] GrayPixels = [29, 55, 81, 86, 112, 139, 145, 171, 196];
    private static readonly byte[] ColourPixels = [0, 6, 236, 101, 7, 181, 210, 6, 129, 5, 107, 192, 111, 108, 137, 220, 109, 82, 10, 210, 164, 116, 211, 109, 224, 212, 42];
    private static readonly byte[] ProgressivePixels = [0, 6, 236, 101, 7, 181, 210, 6, 129, 5, 107, 192, 111, 108, 137, 220, 109, 82, 10, 210, 164, 116, 211, 109, 224, 212, 42];
    private static readonly byte[] CmykPixels = [0, 0, 255, 112, 0, 191, 224, 0, 127, 0, 108, 207, 112, 108, 143, 224, 108, 79, 0, 216, 160, 112, 216, 96, 224, 216, 32];

    [Test]
    public void Every_kind_is_within_two_levels_of_an_independent_decoder([Values] bool colour)
    {
        RequireLibrary();
        (string Kind, byte[] File, byte[] Expected)[] kinds = colour
            ? [("colour", JpegSamples.Colour, ColourPixels), ("progressive", JpegSamples.Progressive, ProgressivePixels), ("CMYK", JpegSamples.Cmyk, CmykPixels)]
            : [("gray", JpegSamples.Gray, GrayPixels)];
        foreach ((string kind, byte[] file, byte[] expected) in kinds)
        {
            Picture picture = JpegFile.Read(file, kind);
            Assert.That(picture.ToString(), Is.EqualTo($"Picture {Width} × {Height} × {(colour ? 3 : 1)}"), kind);
            byte[] found = [.. Enumerable.Range(0, 9).SelectMany(i => picture[i % 3 * 8, i / 3 * 6].ToArray())];
            Assert.That(found, Is.EqualTo(expected).Within(2), kind);
        }
    }

    [TestCase(17, 13, 1)]
    [TestCase(9, 6, 1)]
    [TestCase(8, 6, 2)]
    [TestCase(5, 2, 2)]
    [TestCase(4, 3, 4)]
    [TestCase(2, 1, 8)]
    [TestCase(1, 1, 8)]
    public void A_smaller_picture_comes_where_it_is_large_enough(int leastWidth, int leastHeight, int reduction)
    {
        RequireLibrary();
        (int width, int height) = ((Width + reduction - 1) / reduction, (Height + reduction - 1) / reduction);
        foreach ((string kind, byte[] file) in ((string, byte[])[])[("gray", JpegSamples.Gray), ("colour", JpegSamples.Colour), ("progressive", JpegSamples.Progressive)])
        {
            Picture whole = JpegFile.Read(file, kind), small = JpegFile.Read(file, kind, atLeast: (leastWidth, leastHeight));
            Assert.That((small.Width, small.Height), Is.EqualTo((width, height)), kind);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    int[] rows = [.. Enumerable.Range(y * reduction, reduction).Where(r => r < Height)], columns = [.. Enumerable.Range(x * reduction, reduction).Where(c => c < Width)];
                    double mean = rows.SelectMany(_ => columns, (r, c) => (double)whole[c, r][0]).Average();
                    Assert.That(small[x, y][0], Is.EqualTo(mean).Within(12), $"{kind}: pixel ({x}, {y}) stands for {reduction} × {reduction} of the whole");
                }
        }
    }

    [Test]
    public void A_file_is_read_by_its_content_whatever_its_name()
    {
        RequireLibrary();
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["photo.png"], JpegSamples.Colour);
        Assert.That(PictureFile.Read(folder["photo.png"]).Pixels, Is.EqualTo(JpegFile.Read(JpegSamples.Colour, "colour").Pixels));
    }

    [Test]
    public void Damaged_and_foreign_files_are_refused()
    {
        RequireLibrary();
        byte[] whole = JpegSamples.Colour;
        AssertRefused([], "the bytes FF D8 FF", "found . ");
        AssertRefused([0x89, 0x50, 0x4E, 0x47], "found 89504E", "another format");
        AssertRefused(whole[..100], "intact JPEG header");
        AssertRefused(whole[..^20], "intact JPEG data", "Premature end");

        static void AssertRefused(byte[] file, params string[] reasons)
        {
            JpegFormatException e = Assert.Throws<JpegFormatException>(() => JpegFile.Read(file, "bad.jpg"))!;
            Assert.That(e.Message, Does.StartWith("bad.jpg: expected"));
            foreach (string reason in reasons) Assert.That(e.Message, Does.Contain(reason));
        }
    }

    [Test]
    public void What_a_damaged_file_still_holds_is_given_when_asked_for()
    {
        RequireLibrary();
        Picture picture = JpegFile.Read(JpegSamples.Colour.AsSpan()[..^20], "cut", acceptWarnings: true);
        Assert.That((picture.Width, picture.Height), Is.EqualTo((Width, Height)));
    }

    [Test]
    public void A_file_that_claims_too_many_pixels_is_refused_without_allocating()
    {
        RequireLibrary();
        byte[] file = JpegSamples.Gray;
        int frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        (file[frame + 5], file[frame + 6], file[frame + 7], file[frame + 8]) = (0xFF, 0, 0xFF, 0);     // 65280 × 65280
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => JpegFile.Read(file, "hostile"), Throws.TypeOf<JpegFormatException>().With.Message.Contains("at most 134217728 pixels, found 65280 × 65280"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [Test]
    public void Damaged_files_give_a_picture_or_a_format_exception()
    {
        RequireLibrary();
        Fuzz.Check<JpegFormatException>([JpegSamples.Colour, JpegSamples.Progressive, JpegSamples.Gray, JpegSamples.Cmyk], seed: 1, file => JpegFile.Read(file, Fuzz.Name, maxPixels: 1 << 16));
    }

    private static void RequireLibrary()
    {
        if (!JpegFile.IsAvailable) Assert.Ignore("libjpeg-turbo is not installed (apt install libturbojpeg0)");
    }
}
