using System.Buffers.Binary;
using System.IO.Compression;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Mutated files of every format; those of JPEG and CSV are beside their other tests.</summary>
[TestFixture]
public sealed class FormatFuzzTests
{
    private const int MaxPixels = 1 << 14;

    // Checksums would stop nearly all damage, so they are made right again in most tries.
    [Test]
    public void Mutated_png_files_give_a_picture_or_a_format_exception()
    {
        byte[] noise = [.. Enumerable.Range(0, 400).Select(i => (byte)(i * i / 7))];
        (string, byte[]) palette = ("PLTE", noise[..48]), alpha = ("tRNS", noise[..7]);
        byte[][] files =
        [
            PngBytes.Build(5, 4, 2, [.. Rows(4, 15, noise)]),
            PngBytes.BuildPacked(9, 3, 3, PngBytes.Deflate([.. Rows(3, 5, noise)]), 4, 0, palette, alpha),
            PngBytes.BuildPacked(3, 3, 0, PngBytes.Deflate([.. Rows(3, 6, noise)]), 16, 0, ("tRNS", [1, 2])),
            PngBytes.BuildPacked(2, 2, 6, PngBytes.Deflate(new byte[19]), 8, 1),
            PngBytes.BuildPacked(8, 1, 0, PngBytes.Deflate([0, 0xA5]), 1, 0),
        ];
        Fuzz.Check(files, seed: 11, file => PngFile.Read(file, "mutated", MaxPixels), WithRightChecksums);
        Fuzz.Check(files, seed: 12, file => PngFile.Read16(file, "mutated", MaxPixels), WithRightChecksums);
    }

    [Test]
    public void Mutated_idx_files_give_an_array_or_a_format_exception()
    {
        byte[][] plain = [Bytes(IdxArray.Create<byte>([1, 2, 3, 4, 5, 6], 2, 3)), Bytes(IdxArray.Create<double>([1.5, -2], 2, 1)), Bytes(IdxArray.Create<short>([7], 1))];
        Fuzz.Check([.. plain, .. plain.Select(Packed)], seed: 13, file => IdxFile.Read(new MemoryStream(file), "mutated"));
    }

    [Test]
    public void Mutated_cifar_files_give_images_or_a_format_exception()
    {
        byte[][] files = [new byte[2 * 3073], [.. Enumerable.Range(0, 3073).Select(i => (byte)(i % 10))]];
        int read = 0;
        Fuzz.Check(files, seed: 14, file => read += CifarFile.Read([("mutated", file)], [10], 0).Count);
        Assert.That(read, Is.GreaterThan(0), "mutations that keep the length are read");
    }

    private static IEnumerable<byte> Rows(int rows, int bytes, byte[] noise) => Enumerable.Range(0, rows).SelectMany(y => noise[(y * bytes)..((y + 1) * bytes)].Prepend((byte)(y % 5)));

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

    private static byte[] Bytes(IdxArray array)
    {
        using var stream = new MemoryStream();
        IdxFile.Write(stream, array);
        return stream.ToArray();
    }

    private static byte[] Packed(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(content);
        return stream.ToArray();
    }
}
