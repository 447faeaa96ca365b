using System.Buffers.Binary;
using System.IO.Compression;

namespace Gradwright.Tests.Data;

/// <summary>PNG files of any kind, put together part by part and independently of the library's writer.</summary>
internal static class PngBytes
{
    public static byte[] Build(int width, int height, byte colour, byte[] rows, params (string Name, byte[] Data)[] extra) =>
        BuildPacked(width, height, colour, Deflate(rows), 8, 0, extra);

    public static byte[] Build(int width, int height, byte colour, byte[] rows, byte bits = 8, byte interlace = 0) =>
        BuildPacked(width, height, colour, Deflate(rows), bits, interlace);

    public static byte[] BuildPacked(
        int width, int height, byte colour, byte[] packed, byte bits = 8, byte interlace = 0, params (string Name, byte[] Data)[] extra)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (bits, colour, interlace);
        (string, byte[])[] chunks = [("IHDR", header), .. extra, ("IDAT", packed), ("IEND", [])];
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. chunks.SelectMany(c => Chunk(c.Item1, c.Item2))];
    }

    /// <summary>CRC-32, bit by bit: independent of the library's table.</summary>
    public static uint Checksum(ReadOnlySpan<byte> content)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in content)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }
        return ~crc;
    }

    private static byte[] Chunk(string name, byte[] data)
    {
        byte[] content = [.. System.Text.Encoding.ASCII.GetBytes(name), .. data], length = new byte[4], checksum = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Checksum(content));
        return [.. length, .. content, .. checksum];
    }

    public static byte[] Deflate(byte[] rows)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(rows);
        return stream.ToArray();
    }
}
