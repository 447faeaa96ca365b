using System.Buffers.Binary;
using System.IO.Compression;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Mutated pictures and images of every format; the other formats' are beside their other tests.</summary>
[TestFixture]
public sealed class FormatFuzzTests
{
    private const int MaxPixels = 1 << 14, MaxBytes = 1 << 20, Record = 3073;
    private const int HeaderBytes = 13, ColourBytes = 48;       // of what WithRows puts together

    private static readonly byte[] _noise = [.. Enumerable.Range(0, 400).Select(i => (byte)(i * i / 7))];

    // Checksums would stop nearly all damage, so they are made right again in most tries.
    [Test]
    public void Mutated_png_files_give_a_picture_or_a_format_exception()
    {
        (string, byte[]) palette = ("PLTE", _noise[..48]), alpha = ("tRNS", _noise[..7]);
        byte[][] files =
        [
            PngBytes.Build(5, 4, 2, [.. Rows(4, 15)]),
            PngBytes.BuildPacked(9, 3, 3, PngBytes.Deflate([.. Rows(3, 5)]), 4, 0, palette, alpha),
            PngBytes.BuildPacked(3, 3, 0, PngBytes.Deflate([.. Rows(3, 6)]), 16, 0, ("tRNS", [1, 2])),
            PngBytes.BuildPacked(2, 2, 6, PngBytes.Deflate(new byte[19]), 8, 1),
            PngBytes.BuildPacked(8, 1, 0, PngBytes.Deflate([0, 0xA5]), 1, 0),
        ];
        Assert.That(Fuzz.Check<PngFormatException>(files, seed: 11, file => PngFile.Read(file, Fuzz.Name, MaxPixels), WithRightChecksums), Is.Positive);
        Assert.That(Fuzz.Check<PngFormatException>(files, seed: 12, file => PngFile.Read16(file, Fuzz.Name, MaxPixels), WithRightChecksums), Is.Positive);
    }

    // Damage to packed data mostly ends at the unpacking: so here it is done before the packing.
    [Test]
    public void Png_files_of_mutated_rows_give_a_picture_or_a_format_exception()
    {
        byte[][] contents =
        [
            [0, 0, 0, 5, 0, 0, 0, 4, 8, 2, 0, 0, 0, .. _noise[..ColourBytes], .. Rows(4, 15)],
            [0, 0, 0, 9, 0, 0, 0, 3, 4, 3, 0, 0, 0, .. _noise[..ColourBytes], .. Rows(3, 5)],
            [0, 0, 0, 3, 0, 0, 0, 3, 16, 6, 0, 0, 1, .. _noise[..ColourBytes], .. Rows(9, 24)],
        ];
        Assert.That(Fuzz.Check<PngFormatException>(contents, seed: 15, content => PngFile.Read(WithRows(content), Fuzz.Name, MaxPixels)), Is.Positive);
    }

    [Test]
    public void Mutated_idx_files_give_an_array_or_a_format_exception()
    {
        byte[][] plain = [Bytes(IdxArray.Create<byte>([1, 2, 3, 4, 5, 6], 2, 3)), Bytes(IdxArray.Create<double>([1.5, -2], 2, 1)), Bytes(IdxArray.Create<short>([7], 1))];
        Assert.That(Fuzz.Check<IdxFormatException>([.. plain, .. plain.Select(Packed)], seed: 13, file => IdxFile.Read(new MemoryStream(file), Fuzz.Name, MaxBytes)), Is.Positive);
        Assert.That(Fuzz.Check<IdxFormatException>(plain, seed: 16, file => IdxFile.Read(new MemoryStream(Packed(file)), Fuzz.Name, MaxBytes)), Is.Positive);
    }

    [Test]
    public void Mutated_cifar_files_give_images_or_a_format_exception()
    {
        byte[][] files = [new byte[2 * Record], [.. Enumerable.Range(0, Record).Select(i => (byte)(i % 10))]];
        Assert.That(Fuzz.Check<CifarFormatException>(files, seed: 14, file => CifarFile.Read([(Fuzz.Name, file)], [10], 0), file => InRecords(file, Record)), Is.Positive);
        Assert.That(Fuzz.Check<CifarFormatException>(files, seed: 17, file => CifarFile.Read([(Fuzz.Name, file)], [20, 100], 1), file => InRecords(file, Record + 1)), Is.Positive);
    }

    [Test]
    public void Mutated_notes_of_cameras_give_an_orientation()
    {
        byte[][] files = [.. ((bool[])[false, true]).Select(little => ExifOrientationTests.WithNote(6, little)), JpegSamples.Colour];
        Fuzz.Check<JpegFormatException>(files, seed: 18, file =>
        {
            if (file.Length >= 3) Assert.That(ExifOrientation.Of(file), Is.InRange(1, 8));
        });
    }

    /// <summary>[header, colours of a palette, rows] as a PNG file.</summary>
    private static byte[] WithRows(byte[] content)
    {
        byte[] header = new byte[HeaderBytes];
        content.AsSpan(0, Math.Min(content.Length, HeaderBytes)).CopyTo(header);
        int colours = Math.Min(content.Length, HeaderBytes + ColourBytes);
        byte[] file = PngBytes.BuildPacked(1, 1, 0, PngBytes.Deflate(content[colours..]), 8, 0, ("PLTE", content.Length > HeaderBytes ? content[HeaderBytes..colours] : []));
        header.CopyTo(file, 16);        // after the signature, the length and the name
        return WithRightChecksums(file);
    }

    private static IEnumerable<byte> Rows(int rows, int bytes) => Enumerable.Range(0, rows).SelectMany(y => _noise[(y * bytes)..((y + 1) * bytes)].Prepend((byte)(y % 5)));

    private static byte[] WithRightChecksums(byte[] file)
    {
        byte[] copy = (byte[])file.Clone();
        for (int at = 8; at + 12 <= copy.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(copy.AsSpan(at));
            if (length > copy.Length - at - 12) break;
            int end = at + 8 + (int)length;
            BinaryPrimitives.WriteUInt32BigEndian(copy.AsSpan(end), PngBytes.Checksum(copy.AsSpan(at + 4, end - at - 4)));
            at = end + 4;
        }
        return copy;
    }

    private static byte[] InRecords(byte[] file, int record) => [.. file, .. new byte[(record - file.Length % record) % record]];

    private static byte[] Bytes(IdxArray array)
    {
        using var stream = new MemoryStream();
        IdxFile.Write(stream, array);
        return stream.ToArray();
    }

    private static byte[] Packed(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(content);
        return stream.ToArray();
    }
}
