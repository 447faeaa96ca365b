using System.Buffers.Binary;
using System.IO.Compression;

namespace Gradwright.Data;

/// <summary>
/// Writes and reads PNG (ISO/IEC 15948). Read are all non-interlaced pictures with 8 bits per sample; a palette becomes RGB, and transparent colours
/// become an alpha channel.
/// </summary>
public static class PngFile
{
    private const string Remedy = "Copy or make the file again.";

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

    /// <summary>Reads a file.</summary>
    /// <exception cref="PngFormatException">The file is no PNG, is damaged, or is interlaced or not of 8 bits.</exception>
    public static Picture Read(string path) => Read(File.ReadAllBytes(path), path);

    /// <summary>Reads a file's bytes; <paramref name="name"/> stands for the file in errors.</summary>
    /// <exception cref="PngFormatException">As for a file.</exception>
    public static Picture Read(ReadOnlySpan<byte> file, string name)
    {
        if (!file.StartsWith(PngChunk.Signature))
            throw new PngFormatException($"{name}: expected the 8 bytes that begin a PNG file, found " +
                $"{Convert.ToHexString(file[..Math.Min(8, file.Length)])}. Is it a picture of another format?");
        ReadOnlySpan<byte> rest = file[8..], palette = default, transparent = default;
        PngHeader? header = null;
        using var packed = new MemoryStream();
        while (true)
        {
            int position = file.Length - rest.Length;
            if (!PngChunk.TryRead(ref rest, out ReadOnlySpan<byte> chunk, out ReadOnlySpan<byte> data))
                throw new PngFormatException($"{name}: expected a whole part with a right checksum at byte {position} of {file.Length}, found a " +
                    $"damaged or cut one. {Remedy}");
            if (header is null != chunk.SequenceEqual("IHDR"u8))
                throw new PngFormatException($"{name}: expected one IHDR part, at the very beginning, found " +
                    $"{(header is null ? "another part there" : "a second one")}. {Remedy}");
            if (chunk.SequenceEqual("IHDR"u8)) header = PngHeader.Parse(data, name);
            else if (chunk.SequenceEqual("PLTE"u8)) palette = data;
            else if (chunk.SequenceEqual("tRNS"u8)) transparent = data;
            else if (chunk.SequenceEqual("IDAT"u8)) packed.Write(data);
            else if (chunk.SequenceEqual("IEND"u8)) break;
            else if ((chunk[0] & 0x20) == 0)
                throw new PngFormatException($"{name}: expected only the standard critical parts, found " +
                    $"{System.Text.Encoding.Latin1.GetString(chunk)}, which is needed to show the picture. Save it as a plain PNG.");
        }
        packed.Position = 0;
        Picture picture = ReadRows(packed, header!, name);
        if (header!.HasPalette) return ApplyPalette(picture, palette, transparent, name);
        return transparent.IsEmpty ? picture : AddAlpha(picture, transparent, name);
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
                long sum = 0;
                foreach (byte difference in trial) sum += Math.Abs((int)(sbyte)difference);
                if (sum >= cost) continue;
                (kind, cost) = (candidate, sum);
                (best, trial) = (trial, best);
            }
            zlib.WriteByte((byte)kind);
            zlib.Write(best);
            above = picture.Row(y);
        }
    }

    private static Picture ReadRows(MemoryStream packed, PngHeader header, string name)
    {
        // Deflate packs at most 1032 to 1, so a header that claims more than the data can give is refused before anything is allocated.
        Int128 length = (Int128)header.Height * (1 + (Int128)header.Width * header.Channels);
        if (length > Array.MaxLength || length > 1032 * packed.Length)
            throw new PngFormatException($"{name}: expected data for {header.Width} × {header.Height} pixels, which is {length} bytes, found " +
                $"{packed.Length} packed bytes, which cannot give as many. {Remedy}");
        var picture = new Picture(header.Width, header.Height, header.Channels);
        try
        {
            using var zlib = new ZLibStream(packed, CompressionMode.Decompress, leaveOpen: true);
            ReadOnlySpan<byte> above = new byte[header.Width * header.Channels];
            for (int y = 0; y < header.Height; y++)
            {
                Span<byte> row = picture.Row(y);
                int kind = zlib.ReadByte();
                if (kind < 0 || zlib.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length)
                    throw new PngFormatException($"{name}: expected {header.Height} rows of pixels, found only {y}. {Remedy}");
                if (kind >= PngFilter.Kinds) throw new PngFormatException($"{name}: expected a filter of 0 to 4 for row {y}, found {kind}. {Remedy}");
                PngFilter.Undo(kind, row, above, header.Channels);
                above = row;
            }
            if (zlib.ReadByte() >= 0) throw new PngFormatException($"{name}: expected {header.Height} rows of pixels, found more data after them. " +
                $"{Remedy}");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)   // IOException: zlib asks for a preset dictionary
        {
            throw new PngFormatException($"{name}: expected intact compressed data, found damaged data ({e.Message.TrimEnd('.')}). {Remedy}", e);
        }
        return picture;
    }

    // transparent: the alpha of the first colours; the others are opaque.
    private static Picture ApplyPalette(Picture indices, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> transparent, string name)
    {
        if (palette.Length is 0 or > 768 || palette.Length % 3 != 0 || transparent.Length > palette.Length / 3)
            throw new PngFormatException($"{name}: expected a palette of 1 to 256 colours of 3 bytes, found {palette.Length} bytes of colours and " +
                $"{transparent.Length} of transparency. {Remedy}");
        int channels = transparent.IsEmpty ? 3 : 4;
        var picture = new Picture(indices.Width, indices.Height, channels, new byte[checked(indices.Pixels.Length * channels)]);
        for (int i = 0; i < indices.Pixels.Length; i++)
        {
            int index = indices.Pixels[i];
            if (3 * index >= palette.Length) throw new PngFormatException($"{name}: expected colours below {palette.Length / 3}, the palette's " +
                $"size, found {index}. {Remedy}");
            Span<byte> pixel = picture.Pixels.AsSpan(i * channels, channels);
            palette.Slice(3 * index, 3).CopyTo(pixel);
            if (channels == 4) pixel[3] = index < transparent.Length ? transparent[index] : (byte)255;
        }
        return picture;
    }

    // transparent: the one colour, of 16 bits per channel, that is not there.
    private static Picture AddAlpha(Picture opaque, ReadOnlySpan<byte> transparent, string name)
    {
        int n = opaque.Channels;
        if (n is 2 or 4 || transparent.Length != 2 * n)
            throw new PngFormatException($"{name}: expected one transparent colour in a picture without alpha, found {transparent.Length} bytes " +
                $"of it for {n} channels. {Remedy}");
        var picture = new Picture(opaque.Width, opaque.Height, n + 1, new byte[checked(opaque.Pixels.Length / n * (n + 1))]);
        for (int i = 0; i < opaque.Pixels.Length / n; i++)
        {
            ReadOnlySpan<byte> colour = opaque.Pixels.AsSpan(i * n, n);
            colour.CopyTo(picture.Pixels.AsSpan(i * (n + 1)));
            bool absent = true;
            for (int c = 0; c < n; c++) absent &= transparent[2 * c] == 0 && transparent[2 * c + 1] == colour[c];
            picture.Pixels[i * (n + 1) + n] = absent ? (byte)0 : (byte)255;
        }
        return picture;
    }
}
