using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class PngFileTests
{
    [Test]
    public void Pictures_of_every_kind_and_odd_size_survive(
        [Values(1, 2, 3, 4)] int channels, [Values(1, 7, 64)] int width, [Values(1, 5, 33)] int height)
    {
        foreach (bool smooth in (bool[])[false, true])
        {
            Picture picture = Random(width, height, channels, smooth), read = PngFile.Read(Bytes(picture), "picture");
            Assert.That(read.ToString(), Is.EqualTo(picture.ToString()));
            Assert.That(read.Pixels, Is.EqualTo(picture.Pixels));
        }
    }

    [Test]
    public void A_file_holds_what_the_stream_holds()
    {
        using var folder = new TemporaryFolder();
        Picture picture = Random(9, 4, 3, smooth: true);
        PngFile.Write(folder["new/picture.png"], picture);
        Assert.That(File.ReadAllBytes(folder["new/picture.png"]), Is.EqualTo(Bytes(picture)));
        Assert.That(PngFile.Read(folder["new/picture.png"]).Pixels, Is.EqualTo(picture.Pixels));
    }

    [Test]
    public void A_smooth_picture_is_stored_in_less_than_its_noise() =>
        Assert.That(Bytes(Random(64, 64, 3, smooth: true)), Has.Length.LessThan(Bytes(Random(64, 64, 3, smooth: false)).Length / 2));

    // 2 × 2 pixels of one channel by each filter, worked out by hand: rows 10 20 / 30 45.
    [TestCase(0, new byte[] { 30, 45 })]
    [TestCase(1, new byte[] { 30, 15 })]
    [TestCase(2, new byte[] { 20, 25 })]
    [TestCase(3, new byte[] { 25, 20 })]
    [TestCase(4, new byte[] { 20, 15 })]
    public void Every_filter_is_undone(int kind, byte[] secondRow)
    {
        byte[] file = PngBytes.Build(2, 2, colour: 0, [0, 10, 20, (byte)kind, .. secondRow]);
        Assert.That(PngFile.Read(file, "filtered").Pixels, Is.EqualTo(new byte[] { 10, 20, 30, 45 }));
    }

    [Test]
    public void A_palette_becomes_rgb_and_transparency_alpha()
    {
        byte[] rows = [0, 1, 0, 2];
        (string, byte[]) palette = ("PLTE", [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        Assert.That(PngFile.Read(PngBytes.Build(3, 1, 3, rows, palette), "palette").Pixels, Is.EqualTo(new byte[] { 4, 5, 6, 1, 2, 3, 7, 8, 9 }));
        Picture alpha = PngFile.Read(PngBytes.Build(3, 1, 3, rows, palette, ("tRNS", [0, 77])), "palette");
        Assert.That(alpha.Channels, Is.EqualTo(4));
        Assert.That(alpha.Pixels, Is.EqualTo(new byte[] { 4, 5, 6, 77, 1, 2, 3, 0, 7, 8, 9, 255 }));
        Assert.That(PngFile.Read(PngBytes.Build(3, 1, 0, rows, ("tRNS", [0, 2])), "gray").Pixels, Is.EqualTo(new byte[] { 1, 255, 0, 255, 2, 0 }));
    }

    [Test]
    public void What_is_not_read_is_refused_with_the_reason()
    {
        byte[] rows = [0, 1, 0, 2];
        AssertRefused([], "the 8 bytes that begin a PNG file");
        AssertRefused([0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10], "FFD8FFE00010");
        AssertRefused(PngBytes.Build(3, 1, 0, rows, bits: 3), "1, 2, 4, 8 or 16 bits per sample with colour type 0, found 3");
        AssertRefused(PngBytes.Build(3, 1, 3, rows, bits: 16), "1, 2, 4 or 8 bits per sample with colour type 3, found 16");
        AssertRefused(PngBytes.Build(3, 1, 2, rows, bits: 4), "8 or 16 bits per sample with colour type 2, found 4");
        AssertRefused(PngBytes.Build(3, 1, 0, rows, interlace: 2), "methods 0, 0, 2");
        AssertRefused(PngBytes.Build(3, 1, 5, rows), "colour type 5");
        AssertRefused(PngBytes.Build(0, 1, 0, rows), "found 0 × 1");
        AssertRefused(PngBytes.Build(3, 2, 0, rows), "expected 2 rows of pixels, found only 1");
        AssertRefused(PngBytes.Build(2, 1, 0, rows), "found more data after them");
        AssertRefused(PngBytes.Build(3, 1, 0, [5, 1, 0, 2]), "a filter of 0 to 4 for row 0, found 5");
        AssertRefused(PngBytes.Build(3, 1, 3, rows), "found 0 bytes of colours");
        AssertRefused(PngBytes.Build(3, 1, 3, rows, ("PLTE", [1, 2, 3, 4, 5, 6])), "expected colours below 2, the palette's size, found 2");
        AssertRefused(PngBytes.Build(3, 1, 0, rows, ("tRNS", [0])), "found 1 bytes of it for 1 channels");
        AssertRefused(PngBytes.Build(3, 1, 0, rows, ("ABCD", [])), "found ABCD");
        AssertRefused(PngBytes.Build(3, 1, 3, rows, ("PLTE", new byte[9]), ("PLTE", new byte[9])), "at most one PLTE part, before the pixels, found two");
        AssertRefused(PngBytes.Build(3, 1, 0, rows, ("IDAT", [1]), ("tEXt", [])), "found tEXt between them");
        AssertRefused(PngBytes.Build(3, 1, 0, rows, ("IHDR", new byte[13])), "found a second one");

        static void AssertRefused(byte[] file, string reason) =>
            Assert.That(() => PngFile.Read(file, "bad.png"),
                Throws.TypeOf<PngFormatException>().With.Message.StartsWith("bad.png: expected").And.Message.Contains(reason));
    }

    [Test]
    public void Sizes_that_the_data_cannot_fill_are_refused_without_allocating()
    {
        foreach ((int width, int height) in (ReadOnlySpan<(int, int)>)[(int.MaxValue, int.MaxValue), (30_000, 30_000), (int.MaxValue, 1)])
        {
            byte[] file = PngBytes.Build(width, height, colour: 6, [0, 1, 2, 3]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(() => PngFile.Read(file, "hostile"), Throws.TypeOf<PngFormatException>().With.Message.Contains("at most 134217728 pixels"));
            Assert.That(() => PngFile.Read(file, "hostile", long.MaxValue), Throws.TypeOf<PngFormatException>().With.Message.Contains("cannot give as many"));
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
        }
    }

    [Test]
    public void More_pixels_than_allowed_are_refused()
    {
        byte[] file = Bytes(Random(7, 5, 1, smooth: true));
        Assert.That(PngFile.Read(file, "allowed", maxPixels: 35).Width, Is.EqualTo(7));
        Assert.That(() => PngFile.Read(file, "large", maxPixels: 34), Throws.TypeOf<PngFormatException>().With.Message.Contains("found 7 × 5 = 35"));
    }

    [Test]
    public void Damaged_files_always_give_a_format_exception() =>
        Damage.Check(Bytes(Random(8, 6, 3, smooth: true)), (damaged, _) => Assert.That(() => PngFile.Read(damaged, "damaged"),
            Throws.TypeOf<PngFormatException>()));

    // Checksums stop random damage early; here they are right and only the packed pixels are wrong.
    [Test]
    public void Damaged_pixels_under_right_checksums_give_a_picture_or_a_format_exception()
    {
        Picture picture = Random(8, 6, 3, smooth: true);
        byte[] rows = new byte[6 * 25];
        for (int y = 0; y < 6; y++) picture.Row(y).CopyTo(rows.AsSpan(25 * y + 1));
        Damage.Check(PngBytes.Deflate(rows), (damaged, _) =>
        {
            try
            {
                Assert.That(PngFile.Read(PngBytes.BuildPacked(8, 6, 2, damaged), "damaged").Pixels, Is.EqualTo(picture.Pixels), "zlib's own checksum holds");
            }
            catch (PngFormatException)
            {
            }
        });
    }

    private static Picture Random(int width, int height, int channels, bool smooth)
    {
        var random = new Random(width + 100 * height);
        var picture = new Picture(width, height, channels);
        for (int i = 0; i < picture.Pixels.Length; i++)
            picture.Pixels[i] = smooth ? (byte)(i / channels % width * 3 + i % 2) : (byte)random.Next(256);
        return picture;
    }

    private static byte[] Bytes(Picture picture)
    {
        using var stream = new MemoryStream();
        PngFile.Write(stream, picture);
        return stream.ToArray();
    }

    [Test]
    public void Vectors_of_bytes_predict_as_single_bytes_do([Values(1, 2, 3, 4)] int channels, [Values(1, 5, 6, 17, 40, 67)] int width)
    {
        var random = new Generator(7);
        byte[] raw = [.. Enumerable.Range(0, 5 * width * channels).Select(_ => (byte)random.Next(256))];
        byte[] rows = [.. Enumerable.Range(0, 5).SelectMany(kind => (byte[])[(byte)kind, .. raw.AsSpan(kind * width * channels, width * channels)])];
        Picture read = PngFile.Read(PngBytes.Build(width, 5, (byte)(channels switch { 1 => 0, 2 => 4, 3 => 2, _ => 6 }), rows), "made");
        for (int y = 0; y < 5; y++)
            for (int i = 0; i < width * channels; i++)
            {
                int a = i < channels ? 0 : read.Row(y)[i - channels], b = y == 0 ? 0 : read.Row(y - 1)[i], c = y == 0 || i < channels ? 0 : read.Row(y - 1)[i - channels];
                int nearest = new[] { a, b, c }.MinBy(v => Math.Abs(a + b - c - v)), predicted = y switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => nearest };
                Assert.That(read.Row(y)[i], Is.EqualTo((byte)(raw[y * width * channels + i] + predicted)), $"row {y}, byte {i}");
            }

        using MemoryStream file = new();
        PngFile.Write(file, read);
        Assert.That(PngFile.Read(file.ToArray(), "written").Pixels, Is.EqualTo(read.Pixels), "and they come back through the writer's filters");
    }
}
