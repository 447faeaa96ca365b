using System.Buffers.Binary;

namespace Gradwright.Data;

/// <summary>What the IHDR part says. Channels count the stored samples of a pixel: 1 for a palette's index.</summary>
internal sealed record PngHeader(int Width, int Height, int Channels, bool HasPalette)
{
    public static PngHeader Parse(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length != 13) throw new PngFormatException($"{name}: expected 13 bytes of header, found {data.Length}. Copy or make the file " +
            "again.");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(data), height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        byte bits = data[8], colour = data[9], compression = data[10], filter = data[11], interlace = data[12];
        int channels = colour switch { 0 or 3 => 1, 2 => 3, 4 => 2, 6 => 4, _ => 0 };
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue || channels == 0 || compression != 0 || filter != 0 || interlace > 1)
            throw new PngFormatException($"{name}: expected positive sizes, a colour type of 0, 2, 3, 4 or 6 and the methods 0, found {width} × " +
                $"{height}, colour type {colour}, methods {compression}, {filter}, {interlace}. Copy or make the file again.");
        if (bits != 8 || interlace != 0)
            throw new PngFormatException($"{name}: expected 8 bits per sample without interlacing, found {bits} " +
                $"bits{(interlace != 0 ? ", interlaced" : "")}. " +
                "Save the picture as a plain 8-bit PNG.");
        return new PngHeader((int)width, (int)height, channels, colour == 3);
    }
}
