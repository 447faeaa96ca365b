using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gradwright;

/// <summary>The part of a safetensors file before the data: where each tensor lies, and free text.</summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The most bytes of JSON that the format allows.</summary>
    public const int MaxLength = 100_000_000;

    public const string MetadataKey = "__metadata__";

    // Tensors begin at multiples of their element size: the header fills a multiple of 8 bytes and the widest elements come first.
    private const int Alignment = 8;

    public OrderedDictionary<string, SafetensorsEntry> Entries { get; } = [];

    public OrderedDictionary<string, string> Metadata { get; } = [];

    /// <summary>The entries in the order in which their data lie.</summary>
    public IEnumerable<SafetensorsEntry> ByPosition => Entries.Values.OrderBy(e => e.Begin).ThenBy(e => e.End);

    /// <summary>
    /// A place for each tensor. The entries keep the given order; the data are ordered by element size, so the same tensors always give the same bytes.
    /// </summary>
    public static SafetensorsHeader Place(IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var header = new SafetensorsHeader();
        foreach ((string key, string value) in metadata ?? new Dictionary<string, string>())
        {
            RequireText(key, "A key of the metadata");
            RequireText(value, $"The metadata's value for '{key}'");
            header.Metadata.Add(key, value);
        }

        var places = new Dictionary<string, long>();
        long position = 0;
        foreach ((string name, Tensor tensor) in tensors.OrderByDescending(pair => Require(pair.Key, pair.Value).DType.Size))
        {
            places.Add(name, position);
            position += tensor.Count * tensor.DType.Size;
        }

        foreach ((string name, Tensor tensor) in tensors)
        {
            long begin = places[name];
            header.Entries.Add(name, new(name, tensor.DType, tensor.Shape, begin, begin + tensor.Count * tensor.DType.Size));
        }

        return header;
    }

    /// <summary>Length in 8 little-endian bytes, JSON, spaces up to a multiple of 8.</summary>
    public ReadOnlySpan<byte> ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(256 + 128 * Entries.Count);
        buffer.GetSpan(sizeof(ulong))[..sizeof(ulong)].Clear();
        buffer.Advance(sizeof(ulong));
        // Names are read by people and never pasted into HTML: only what JSON itself requires is escaped.
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) Write(json);
        int padding = -buffer.WrittenCount & (Alignment - 1);
        buffer.GetSpan(Alignment)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        int length = buffer.WrittenCount - sizeof(ulong);
        if (length > MaxLength)
            throw new ArgumentException($"Safetensors.Save: names and metadata make a header of {length:N0} bytes, but the format allows {MaxLength:N0}. Split the tensors over several files.");
        byte[] bytes = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        return bytes;
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (Metadata.Count > 0)
        {
            json.WriteStartObject(MetadataKey);
            foreach ((string key, string value) in Metadata) json.WriteString(key, value);
            json.WriteEndObject();
        }

        foreach (SafetensorsEntry entry in Entries.Values)
        {
            json.WriteStartObject(entry.Name);
            json.WriteString("dtype", SafetensorsTypes.NameOf(entry.DType));
            WriteArray(json, "shape", entry.Shape.Span);
            WriteArray(json, "data_offsets", [entry.Begin, entry.End]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter json, string key, ReadOnlySpan<long> values)
    {
        json.WriteStartArray(key);
        foreach (long value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    private static Tensor Require(string name, Tensor? tensor)
    {
        RequireText(name, "A tensor's name");
        if (name == MetadataKey)
            throw new ArgumentException($"Safetensors.Save: the format keeps the name '{MetadataKey}' for its metadata. Give the tensor another name.");
        return tensor ?? throw new ArgumentException($"Safetensors.Save: the tensor '{name}' is null.");
    }

    // Half a surrogate pair has no UTF-8 form; replacing it could make two names one.
    private static void RequireText(string? text, string what)
    {
        if (text is null) throw new ArgumentException($"Safetensors.Save: {what} is null.");
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                throw new ArgumentException($"Safetensors.Save: {what} has half a surrogate pair (U+{(int)text[i]:X4}) at position {i}, which no file can hold. Use whole characters.");
            i++;
        }
    }
}
