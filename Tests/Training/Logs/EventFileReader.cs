using System.Buffers.Binary;
using System.Text;

namespace Gradwright.Tests.Training;

/// <summary>Reads event files without any of the code that writes them: frames, bitwise checksums and protocol buffers by hand.</summary>
internal static class EventFileReader
{
    /// <summary>The records of a file; throws if a length or checksum is wrong, or a record is cut.</summary>
    public static List<Message> Read(ReadOnlySpan<byte> file)
    {
        List<Message> records = [];
        while (file.Length > 0)
        {
            int length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file));
            Require(file[..8], file[8..12]);
            Require(file[12..(12 + length)], file[(12 + length)..(16 + length)]);
            records.Add(Message.Parse(file[12..(12 + length)]));
            file = file[(16 + length)..];
        }

        return records;
    }

    /// <summary>CRC-32C (Castagnoli), a bit at a time.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }

        return ~crc;
    }

    private static void Require(ReadOnlySpan<byte> data, ReadOnlySpan<byte> stored)
    {
        uint crc = Crc32C(data), masked = unchecked((crc >> 15 | crc << 17) + 0xA282EAD8);
        if (BinaryPrimitives.ReadUInt32LittleEndian(stored) != masked) throw new InvalidDataException("A masked checksum is wrong.");
    }

    /// <summary>Fields of a protocol buffer by number: integers, doubles and singles as their bits, everything else as bytes.</summary>
    internal sealed class Message
    {
        private readonly List<(int Number, ulong Bits, byte[] Bytes)> _fields = [];

        public static Message Parse(ReadOnlySpan<byte> data)
        {
            Message message = new();
            while (data.Length > 0)
            {
                ulong key = Varint(ref data), bits = 0;
                byte[] bytes = [];
                switch (key & 7)
                {
                    case 0:
                        bits = Varint(ref data);
                        break;
                    case 1:
                        bits = BinaryPrimitives.ReadUInt64LittleEndian(data);
                        data = data[8..];
                        break;
                    case 2:
                        int length = (int)Varint(ref data);
                        bytes = data[..length].ToArray();
                        data = data[length..];
                        break;
                    case 5:
                        bits = BinaryPrimitives.ReadUInt32LittleEndian(data);
                        data = data[4..];
                        break;
                    default:
                        throw new InvalidDataException($"There is no wire type {key & 7}.");
                }

                message._fields.Add(((int)(key >> 3), bits, bytes));
            }

            return message;
        }

        public bool Has(int number) => _fields.Exists(field => field.Number == number);
        public long Integer(int number) => Has(number) ? (long)Field(number).Bits : 0;     // zeros are not written
        public double Double(int number) => Has(number) ? BitConverter.UInt64BitsToDouble(Field(number).Bits) : 0;
        public float Single(int number) => BitConverter.UInt32BitsToSingle((uint)Field(number).Bits);
        public byte[] Bytes(int number) => Field(number).Bytes;
        public string Text(int number) => Encoding.UTF8.GetString(Bytes(number));
        public Message Inner(int number) => Parse(Bytes(number));
        public Message[] All(int number) => [.. _fields.Where(field => field.Number == number).Select(field => Parse(field.Bytes))];
        public string[] Texts(int number) => [.. _fields.Where(field => field.Number == number).Select(field => Encoding.UTF8.GetString(field.Bytes))];
        public double[] Doubles(int number) => [.. Bytes(number).Chunk(8).Select(bytes => BitConverter.ToDouble(bytes))];

        private (int Number, ulong Bits, byte[] Bytes) Field(int number) => _fields.Single(field => field.Number == number);

        private static ulong Varint(ref ReadOnlySpan<byte> data)
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte b = data[0];
                data = data[1..];
                value |= (ulong)(b & 127) << shift;
                if (b < 128) return value;
            }
        }
    }
}
