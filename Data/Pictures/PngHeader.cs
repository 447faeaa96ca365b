using System.Buffers.Binary;

namespace Gradwright.Data;

/// <summary>What the IHDR part says.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">Stored samples of a pixel: 1 for a palette's index.</param>
/// <param name="Bits">Bits of a sample: 1, 2, 4, 8 or 16.</param>
/// <param name="HasPalette">Samples are the numbers of colours.</param>
/// <param name="Interlaced">Pixels are stored in the seven passes of Adam7.</param>
internal sealed record PngHeader(int Width, int Height, int Channels, int Bits, bool HasPalette, bool Interlaced)
{
    /// <summary>The largest value of a sample.</summary>
    public int MaxSample => (1 << Bits) - 1;

    /// <summary>How far left the neighbour is that filters predict from, in bytes.</summary>
    public int FilterStep => Math.Max(1, Channels * Bits / 8);

    /// <summary>Bytes of a stored row of so many pixels, without the filter's number. Rows begin at a byte.</summary>
    public long RowBytes(int width) => ((long)width * Channels * Bits + 7) / 8;

    public static PngHeader Parse(ReadOnlySpan<byte> data, string name, long maxPixels)
    {
        if (data.Length != 13) throw new PngFormatException($"{name}: expected 13 bytes of header, found {data.Length}. Copy or make the file " +
            "again.");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(data), height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        byte bits = data[8], colour = data[9], compression = data[10], filter = data[11], interlace = data[12];
        int channels = colour switch { 0 or 3 => 1, 2 => 3, 4 => 2, 6 => 4, _ => 0 };
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue || channels == 0 || compression != 0 || filter != 0 || interlace > 1)
            throw new PngFormatException($"{name}: expected positive sizes, a colour type of 0, 2, 3, 4 or 6 and the methods 0, found {width} × " +
                $"{height}, colour type {colour}, methods {compression}, {filter}, {interlace}. Copy or make the file again.");
        bool known = colour switch { 0 => bits is 1 or 2 or 4 or 8 or 16, 3 => bits is 1 or 2 or 4 or 8, _ => bits is 8 or 16 };
        if (!known)
            throw new PngFormatException($"{name}: expected {colour switch { 0 => "1, 2, 4, 8 or 16", 3 => "1, 2, 4 or 8", _ => "8 or 16" }} bits per " +
                $"sample with colour type {colour}, found {bits}. Copy or make the file again.");
        if ((long)width * height > maxPixels)
            throw new PngFormatException($"{name}: expected at most {maxPixels} pixels, found {width} × {height} = {(long)width * height}. Is it what it " +
                "seems to be? If so, allow more with maxPixels.");
        return new PngHeader((int)width, (int)height, channels, bits, colour == 3, interlace == 1);
    }
}
