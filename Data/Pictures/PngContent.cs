using System.Text;

namespace Gradwright.Data;

/// <summary>The parts of a PNG file that matter: header, palette, transparent colours and the packed pixels, put together.</summary>
internal readonly ref struct PngContent
{
    public const string Remedy = "Copy or make the file again.";

    private PngContent(PngHeader header, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> transparent, MemoryStream packed)
    {
        (Header, Packed) = (header, packed);
        Palette = palette;
        Transparent = transparent;
    }

    public PngHeader Header { get; }

    /// <summary>[colours, 3]; empty if there is none.</summary>
    public ReadOnlySpan<byte> Palette { get; }

    /// <summary>With a palette the alpha of its first colours, else the colour that is not there, 16 bits per channel; empty if all is opaque.</summary>
    public ReadOnlySpan<byte> Transparent { get; }

    public MemoryStream Packed { get; }

    public static PngContent Parse(ReadOnlySpan<byte> file, string name, long maxPixels)
    {
        RequireSignature(file, name);
        ReadOnlySpan<byte> rest = file[8..], palette = default, transparent = default, previous = default;
        PngHeader? header = null;
        var packed = new MemoryStream();
        while (true)
        {
            int position = file.Length - rest.Length;
            if (!PngChunk.TryRead(ref rest, out ReadOnlySpan<byte> chunk, out ReadOnlySpan<byte> data))
                throw new PngFormatException($"{name}: expected a whole part with a right checksum at byte {position} of {file.Length}, found a " +
                    $"damaged or cut one. {Remedy}");
            if (header is null != chunk.SequenceEqual("IHDR"u8))
                throw new PngFormatException($"{name}: expected one IHDR part, at the very beginning, found " +
                    $"{(header is null ? "another part there" : "a second one")}. {Remedy}");
            if (chunk.SequenceEqual("IHDR"u8)) header = PngHeader.Parse(data, name, maxPixels);
            else if (chunk.SequenceEqual("PLTE"u8)) palette = Single(palette, packed, data, "PLTE", name);
            else if (chunk.SequenceEqual("tRNS"u8)) transparent = Single(transparent, packed, data, "tRNS", name);
            else if (chunk.SequenceEqual("IDAT"u8))
            {
                if (packed.Length > 0 && !previous.SequenceEqual(chunk))
                    throw new PngFormatException($"{name}: expected the IDAT parts one after the other, found {Text(previous)} between them. {Remedy}");
                packed.Write(data);
            }
            else if (chunk.SequenceEqual("IEND"u8)) break;
            else if ((chunk[0] & 0x20) == 0)
                throw new PngFormatException($"{name}: expected only the standard critical parts, found {Text(chunk)}, which is needed to show the " +
                    "picture. Save it as a plain PNG.");
            previous = chunk;
        }
        if (header!.HasPalette && (palette.Length is 0 or > 768 || palette.Length % 3 != 0 || transparent.Length > palette.Length / 3))
            throw new PngFormatException($"{name}: expected a palette of 1 to 256 colours of 3 bytes, found {palette.Length} bytes of colours and " +
                $"{transparent.Length} of transparency. {Remedy}");
        if (!header.HasPalette && !transparent.IsEmpty && (header.Channels is 2 or 4 || transparent.Length != 2 * header.Channels))
            throw new PngFormatException($"{name}: expected one transparent colour in a picture without alpha, found {transparent.Length} bytes " +
                $"of it for {header.Channels} channels. {Remedy}");
        packed.Position = 0;
        return new PngContent(header, palette, transparent, packed);
    }

    /// <summary>Throws if bytes do not begin as a PNG file does.</summary>
    public static void RequireSignature(ReadOnlySpan<byte> file, string name)
    {
        if (!file.StartsWith(PngChunk.Signature))
            throw new PngFormatException($"{name}: expected the 8 bytes that begin a PNG file, found " +
                $"{Convert.ToHexString(file[..Math.Min(8, file.Length)])}. Is it a picture of another format?");
    }

    private static ReadOnlySpan<byte> Single(ReadOnlySpan<byte> before, MemoryStream packed, ReadOnlySpan<byte> data, string part, string name) =>
        before.IsEmpty && packed.Length == 0
            ? data
            : throw new PngFormatException($"{name}: expected at most one {part} part, before the pixels, found " +
                $"{(before.IsEmpty ? "one after them" : "two")}. {Remedy}");

    private static string Text(ReadOnlySpan<byte> chunk) => Encoding.Latin1.GetString(chunk);
}
