using System.Buffers.Binary;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Every kind of PNG that the standard knows: stored samples are laid out here pixel by pixel and compared with what is read.</summary>
[TestFixture]
public sealed class PngFormsTests
{
    // The pass of Adam7 in which each pixel of an 8 × 8 block is stored.
    private static readonly string[] Passes = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"];

    private static readonly (byte Colour, byte Bits)[] Kinds =
        [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)];

    [Test]
    public void Every_kind_is_read_by_rows_and_interlaced([Values(1, 2, 3, 5, 8, 17)] int width, [Values(1, 3, 4, 9)] int height)
    {
        foreach ((byte colour, byte bits) in Kinds)
        {
            int stored = colour switch { 0 or 3 => 1, 2 => 3, 4 => 2, _ => 4 }, max = (1 << bits) - 1;
            int[] samples = [.. Enumerable.Range(0, width * height * stored).Select(i => (i * 40503 + i / 3 * 977) & max)];
            byte[] palette = [.. Enumerable.Range(0, 3 * Math.Min(256, max + 1)).Select(i => (byte)(i * 37))];
            (string, byte[])[] extra = colour == 3 ? [("PLTE", palette)] : [];
            int[] expected = colour == 3 ? [.. samples.SelectMany(s => palette[(3 * s)..(3 * s + 3)]).Select(b => b * 257)]
                : [.. samples.Select(s => (int)(s * 65535L / max))];
            foreach (byte interlace in (byte[])[0, 1])
            {
                byte[] rows = interlace == 1 ? Interlaced(samples, width, height, stored, bits) : Rows(samples, width, stored, bits);
                byte[] file = PngBytes.BuildPacked(width, height, colour, PngBytes.Deflate(rows), bits, interlace, extra);
                string kind = $"colour type {colour}, {bits} bits, interlace {interlace}";
                Assert.That(PngFile.Read16(file, kind).Pixels, Is.EqualTo(expected), kind);
                Assert.That(PngFile.Read(file, kind).Pixels, Is.EqualTo(expected.Select(v => (byte)Math.Round(v / 257.0))), kind);
            }
        }
    }

    [Test]
    public void A_transparent_colour_is_compared_in_all_16_bits()
    {
        byte[] rows = [0, 1, 2, 1, 3];          // gray 0x0102, 0x0103: the same in 8 bits
        Picture picture = PngFile.Read(PngBytes.BuildPacked(2, 1, 0, PngBytes.Deflate(rows), 16, 0, ("tRNS", [1, 3])), "gray");
        Assert.That(picture.Pixels, Is.EqualTo(new byte[] { 1, 255, 1, 0 }));
    }

    [Test]
    public void A_transparent_colour_of_few_bits_is_found()
    {
        Picture picture = PngFile.Read(PngBytes.BuildPacked(4, 1, 0, PngBytes.Deflate([0, 0b00_01_10_11]), 2, 0, ("tRNS", [0, 2])), "gray");
        Assert.That(picture.Pixels, Is.EqualTo(new byte[] { 0, 255, 85, 255, 170, 0, 255, 255 }));
    }

    [Test]
    public void Filters_of_16_bits_predict_from_two_bytes_back()
    {
        byte[] rows = [1, 0x10, 0x20, 0x01, 0x02];      // 0x1020, then + 0x0102 byte by byte
        Assert.That(PngFile.Read16(PngBytes.Build(2, 1, 0, rows, bits: 16), "gray").Pixels, Is.EqualTo(new ushort[] { 0x1020, 0x1122 }));
    }

    [Test]
    public void A_missing_last_pass_is_refused()
    {
        byte[] rows = Interlaced([.. Enumerable.Range(0, 64)], 8, 8, 1, 8);
        byte[] file = PngBytes.Build(8, 8, 0, rows[..^9], interlace: 1);
        Assert.That(() => PngFile.Read(file, "cut"), Throws.TypeOf<PngFormatException>().With.Message.Contains("4 rows of pixels, found only 3"));
    }

    private static byte[] Interlaced(int[] samples, int width, int height, int stored, int bits)
    {
        var bytes = new List<byte>();
        for (char pass = '1'; pass <= '7'; pass++)
            for (int y = 0; y < height; y++)
            {
                int[] row = [.. Enumerable.Range(0, width).Where(x => Passes[y % 8][x % 8] == pass)
                    .SelectMany(x => samples.Skip((y * width + x) * stored).Take(stored))];
                if (row.Length > 0) bytes.AddRange(Rows(row, row.Length / stored, stored, bits));
            }
        return [.. bytes];
    }

    private static byte[] Rows(int[] samples, int width, int stored, int bits)
    {
        var bytes = new List<byte>();
        foreach (int[] row in samples.Chunk(width * stored))
        {
            byte[] packed = new byte[(row.Length * bits + 7) / 8];
            for (int i = 0; i < row.Length; i++)
            {
                if (bits == 16) BinaryPrimitives.WriteUInt16BigEndian(packed.AsSpan(2 * i), (ushort)row[i]);
                else packed[i * bits / 8] |= (byte)(row[i] << (8 - bits - i * bits % 8));
            }
            bytes.Add(0);
            bytes.AddRange(packed);
        }
        return [.. bytes];
    }
}
