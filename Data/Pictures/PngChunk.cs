using System.Buffers.Binary;
using System.IO.Hashing;

namespace Gradwright.Data;

/// <summary>
/// The parts a PNG file consists of: length, four letters, data and a CRC over letters and data (ISO 3309).
/// </summary>
internal static class PngChunk
{
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static void Write(Stream stream, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(name);
        stream.Write(data);
        Crc32 crc = new();
        crc.Append(name);
        crc.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
        stream.Write(number);
    }

    /// <summary>Takes the first chunk off <paramref name="rest"/>; false if no whole chunk with a right CRC is there.</summary>
    public static bool TryRead(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> data)
    {
        name = data = default;
        if (rest.Length < 12) return false;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > rest.Length - 12) return false;
        int end = 8 + (int)length;
        name = rest[4..8];
        data = rest[8..end];
        bool intact = Crc32.HashToUInt32(rest[4..end]) == BinaryPrimitives.ReadUInt32BigEndian(rest[end..]);
        rest = rest[(end + 4)..];
        return intact;
    }
}
