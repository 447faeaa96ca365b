using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace Gradwright.Data;

/// <summary>
/// Writes and reads PNG (ISO/IEC 15948). Every picture of the standard is read, interlaced or not: a palette becomes RGB, transparent colours become an
/// alpha channel, and 1 to 16 bits per sample become 8 (<see cref="Read(string, long)"/>) or 16 (<see cref="Read16(string, long)"/>). Checksums are
/// checked; colour profiles and gamma are not applied.
/// </summary>
public static class PngFile
{
    /// <summary>Writes a file, which appears whole or not at all.</summary>
    public static void Write(string path, Picture picture) => AtomicFile.Write(path, file => Write(file, picture));

    /// <summary>Writes to a stream.</summary>
    public static void Write(Stream stream, Picture picture)
    {
        stream.Write(PngChunk.Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], picture.Height);
        header[8] = 8;
        header[9] = picture.Channels switch { 1 => 0, 2 => 4, 3 => 2, _ => 6 };
        header[10..].Clear();
        PngChunk.Write(stream, "IHDR"u8, header);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) WriteRows(zlib, picture);
        PngChunk.Write(stream, "IDAT"u8, packed.GetBuffer().AsSpan(0, (int)packed.Length));
        PngChunk.Write(stream, "IEND"u8, []);
    }

    /// <summary>The file as an address that holds it, for HTML and SVG.</summary>
    internal static string ToDataUri(Picture picture)
    {
        using MemoryStream file = new();
        Write(file, picture);
        return $"data:image/png;base64,{Convert.ToBase64String(file.GetBuffer(), 0, (int)file.Length)}";
    }

    /// <summary>Reads a file as 8 bits per channel.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxPixels">The most pixels it may declare; a file that claims more is refused before anything is allocated.</param>
    /// <exception cref="PngFormatException">The file is no PNG, is damaged, or is larger than allowed.</exception>
    public static Picture Read(string path, long maxPixels = PictureLimits.MaxPixels) => Read(File.ReadAllBytes(path), path, maxPixels);

    /// <summary>Reads a file's bytes; <paramref name="name"/> stands for the file in errors.</summary>
    /// <inheritdoc cref="Read(string, long)"/>
    public static Picture Read(ReadOnlySpan<byte> file, string name, long maxPixels = PictureLimits.MaxPixels)
    {
        PngContent content = PngContent.Parse(file, name, maxPixels);
        return PngColours.ToPicture(content, PngRaster.Read(content, name), name);
    }

    /// <summary>Reads a file as 16 bits per channel: depth maps and scans keep all they have, other depths are scaled up exactly.</summary>
    /// <inheritdoc cref="Read(string, long)"/>
    public static Picture16 Read16(string path, long maxPixels = PictureLimits.MaxPixels) => Read16(File.ReadAllBytes(path), path, maxPixels);

    /// <summary>Reads a file's bytes as 16 bits per channel; <paramref name="name"/> stands for the file in errors.</summary>
    /// <inheritdoc cref="Read(string, long)"/>
    public static Picture16 Read16(ReadOnlySpan<byte> file, string name, long maxPixels = PictureLimits.MaxPixels)
    {
        PngContent content = PngContent.Parse(file, name, maxPixels);
        return PngColours.ToPicture16(content, PngRaster.Read(content, name), name);
    }

    // Each row takes the filter with the least sum of absolute differences: the heuristic that the standard recommends.
    private static void WriteRows(ZLibStream zlib, Picture picture)
    {
        int length = picture.Width * picture.Channels;
        byte[] best = new byte[length], trial = new byte[length];
        ReadOnlySpan<byte> above = new byte[length];
        for (int y = 0; y < picture.Height; y++)
        {
            (int kind, long cost) = (0, long.MaxValue);
            for (int candidate = 0; candidate < PngFilter.Kinds; candidate++)
            {
                PngFilter.Apply(candidate, picture.Row(y), above, picture.Channels, trial);
                long sum = SumOfMagnitudes(trial);
                if (sum >= cost) continue;
                (kind, cost) = (candidate, sum);
                (best, trial) = (trial, best);
            }
            zlib.WriteByte((byte)kind);
            zlib.Write(best);
            above = picture.Row(y);
        }
    }

    // Σ |difference|, as signed bytes: at most 128 each, so an unsigned vector of bytes holds one, and one of 16 bits the sums of 255 pairs.
    private static long SumOfMagnitudes(ReadOnlySpan<byte> differences)
    {
        const int most = 255;           // vectors until sums are taken out
        (long sum, int i) = (0, 0);
        while (i <= differences.Length - Vector<byte>.Count)
        {
            Vector<ushort> sums = default;
            for (int k = 0; k < most && i <= differences.Length - Vector<byte>.Count; k++, i += Vector<byte>.Count)
            {
                Vector<byte> values = new(differences[i..]);
                Vector.Widen(Vector.Min(values, Vector<byte>.Zero - values), out Vector<ushort> low, out Vector<ushort> high);
                sums += low + high;
            }

            for (int k = 0; k < Vector<ushort>.Count; k++) sum += sums[k];
        }

        for (; i < differences.Length; i++) sum += Math.Abs((int)(sbyte)differences[i]);
        return sum;
    }
}
