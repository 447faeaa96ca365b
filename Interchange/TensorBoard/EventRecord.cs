using System.Buffers.Binary;
using System.Numerics;

namespace Gradwright;

/// <summary>
/// The frame of a record in TensorFlow's files: length (8 bytes), its checksum (4), the data, their checksum (4), all little-endian. A checksum is the CRC-32C, rotated
/// and moved by a constant, because a CRC of data that hold their own CRC tells little.
/// </summary>
internal static class EventRecord
{
    private const uint MaskDelta = 0xA282EAD8;

    public static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[12], foot = stackalloc byte[4];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], MaskedCrc(head[..8]));
        BinaryPrimitives.WriteUInt32LittleEndian(foot, MaskedCrc(data));
        stream.Write(head);
        stream.Write(data);
        stream.Write(foot);
    }

    private static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= 8; data = data[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (byte b in data) crc = BitOperations.Crc32C(crc, b);
        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }
}
