using System.Buffers.Binary;
using System.Text;

namespace Gradwright.Tests.Interchange.Onnx;

/// <summary>A message of protocol buffers, taken apart without knowing what it means: field numbers and what stands in them, in order.</summary>
public sealed class ProtoReader
{
    private readonly List<(int Field, ulong Number, byte[] Bytes)> _fields = [];

    public ProtoReader(ReadOnlySpan<byte> message)
    {
        while (message.Length > 0)
        {
            ulong key = Varint(ref message);
            (int field, ulong number, byte[] bytes) = ((int)(key >> 3), 0UL, Array.Empty<byte>());
            switch (key & 7)
            {
                case 0:
                    number = Varint(ref message);
                    break;
                case 2:
                    int length = checked((int)Varint(ref message));
                    bytes = message[..length].ToArray();
                    message = message[length..];
                    break;
                case 5:
                    number = BinaryPrimitives.ReadUInt32LittleEndian(message);
                    message = message[4..];
                    break;
                default:
                    throw new FormatException($"field {field} has wire type {key & 7}, which the format does not use");
            }

            _fields.Add((field, number, bytes));
        }
    }

    public bool Has(int field) => _fields.Any(f => f.Field == field);

    public long Number(int field) => (long)_fields.Last(f => f.Field == field).Number;

    public float Float(int field) => BitConverter.UInt32BitsToSingle((uint)_fields.Last(f => f.Field == field).Number);

    public byte[] Bytes(int field) => _fields.LastOrDefault(f => f.Field == field).Bytes ?? [];

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    public string[] Texts(int field) => [.. _fields.Where(f => f.Field == field).Select(f => Encoding.UTF8.GetString(f.Bytes))];

    public ProtoReader[] Messages(int field) => [.. _fields.Where(f => f.Field == field).Select(f => new ProtoReader(f.Bytes))];

    /// <summary>Repeated whole numbers, one by one or packed.</summary>
    public long[] Numbers(int field)
    {
        List<long> numbers = [];
        foreach ((int at, ulong number, byte[] bytes) in _fields)
        {
            if (at != field) continue;
            if (bytes.Length == 0) numbers.Add((long)number);
            ReadOnlySpan<byte> rest = bytes;
            while (rest.Length > 0) numbers.Add((long)Varint(ref rest));
        }

        return [.. numbers];
    }

    private static ulong Varint(ref ReadOnlySpan<byte> message)
    {
        ulong number = 0;
        for (int i = 0; ; i++)
        {
            byte part = message[i];
            number |= (ulong)(part & 0x7F) << (7 * i);
            if (part >= 0x80) continue;
            message = message[(i + 1)..];
            return number;
        }
    }
}
