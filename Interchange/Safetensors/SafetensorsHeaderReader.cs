using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Gradwright;

/// <summary>
/// Reads the JSON of a safetensors header token by token. The file may be hostile: nothing is believed before it is checked,
/// nothing is stored that the format does not ask for, and every refusal says why.
/// </summary>
internal ref struct SafetensorsHeaderReader
{
    private const string Damaged = "The file is damaged or was written by a faulty program: download, copy or save it again.";
    private const int Depth = 3;            // {"name": {"shape": [
    private const int LongestQuote = 80;    // characters of the file's own text in a message

    private readonly string _file;
    private readonly SafetensorsHeader _header = new();
    private Utf8JsonReader _json;
    private string _place = "header";

    private SafetensorsHeaderReader(ReadOnlySpan<byte> json, string file)
    {
        _file = file;
        _json = new(json, new JsonReaderOptions { MaxDepth = Depth });
    }

    /// <summary>Reads and checks a header that <paramref name="dataLength"/> bytes of data follow.</summary>
    /// <exception cref="SafetensorsFormatException">The header breaks the format, or the data do not fit it.</exception>
    public static SafetensorsHeader Read(ReadOnlySpan<byte> json, long dataLength, string file)
    {
        var reader = new SafetensorsHeaderReader(json, file);
        if (json.IsEmpty || json[0] != '{')
            throw reader.Bad("JSON that begins with '{'", json.IsEmpty ? "nothing" : $"the byte {json[0]:X2}", "This is no safetensors file, or it is damaged: check the name, or get it again.");
        if (!Utf8.IsValid(json)) throw reader.Bad("UTF-8 text", "bytes that are not UTF-8");
        try
        {
            reader.ReadHeader();
        }
        catch (JsonException e)
        {
            throw reader.Bad($"JSON of depth {Depth} at most", $"an error at byte {reader._json.BytesConsumed} of {json.Length} ({e.Message.TrimEnd('.')})", inner: e);
        }

        reader.CheckPlaces(dataLength);
        return reader._header;
    }

    /// <summary>Text of the file's, short enough for a message.</summary>
    public static string Quote(string text) => text.Length <= LongestQuote ? $"'{text}'" : $"'{text[..LongestQuote]}…' ({text.Length} characters)";

    private void ReadHeader()
    {
        Next();
        bool sawMetadata = false;
        while (Next() != JsonTokenType.EndObject)
        {
            string name = Text();
            _place = $"tensor {Quote(name)}";
            Next();
            if (name != SafetensorsHeader.MetadataKey) ReadEntry(name);
            else if (!sawMetadata) ReadMetadata();
            else throw Bad("each name once", $"{SafetensorsHeader.MetadataKey} twice");
            sawMetadata |= name == SafetensorsHeader.MetadataKey;
            _place = "header";
        }

        _json.Read();   // throws unless only white space follows
    }

    private void ReadMetadata()
    {
        _place = SafetensorsHeader.MetadataKey;
        Expect(JsonTokenType.StartObject, "an object of strings");
        while (Next() != JsonTokenType.EndObject)
        {
            string key = Text();
            Next();
            Expect(JsonTokenType.String, $"a string for the key {Quote(key)}");
            if (!_header.Metadata.TryAdd(key, Text())) throw Bad("each key once", $"{Quote(key)} twice");
        }
    }

    private void ReadEntry(string name)
    {
        Expect(JsonTokenType.StartObject, "an object with the keys dtype, shape and data_offsets");
        string? type = null;
        List<long>? shape = null, offsets = null;
        while (Next() != JsonTokenType.EndObject)
        {
            string key = Text();
            Next();
            switch (key)
            {
                case "dtype" when type is null:
                    Expect(JsonTokenType.String, "the name of a dtype");
                    type = Text();
                    break;
                case "shape" when shape is null:
                    shape = Integers("shape", Shape.MaxRank);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Integers("data_offsets", 2);
                    break;
                default:
                    throw Bad("the keys dtype, shape and data_offsets once each", key is "dtype" or "shape" or "data_offsets" ? $"{key} twice" : $"the key {Quote(key)}");
            }
        }

        if (type is null || shape is null || offsets is not [long begin, long end])
            throw Bad("the keys dtype, shape and data_offsets (of two numbers)", type is null ? "no dtype" : shape is null ? "no shape" : offsets is null ? "no data_offsets" : $"{offsets.Count} data_offsets");
        SafetensorsEntry entry = Entry(name, type, [.. shape], begin, end);
        if (!_header.Entries.TryAdd(name, entry)) throw Bad("each name once", "it twice");
    }

    private readonly SafetensorsEntry Entry(string name, string type, long[] lengths, long begin, long end)
    {
        DType dtype = SafetensorsTypes.Find(type)
            ?? throw Bad($"a dtype that this library has ({SafetensorsTypes.Names})", Quote(type), "Convert the tensor to one of them before saving the file.");
        Shape shape;
        try
        {
            shape = Shape.Create(lengths);
        }
        catch (ShapeException e)
        {
            throw Bad("a shape whose elements can be counted", $"[{string.Join(", ", lengths)}]", inner: e);
        }

        long bytes = shape.Count * dtype.Size;
        if (end < begin || end - begin != bytes)
            throw Bad($"data_offsets that span the {bytes} bytes of shape {shape} in {type}", $"[{begin}, {end}]");
        return new(name, dtype, shape, begin, end);
    }

    // The data of all tensors must cover everything after the header exactly once: nothing hides between them, nothing is read twice.
    private void CheckPlaces(long dataLength)
    {
        long position = 0;
        foreach (SafetensorsEntry entry in _header.ByPosition)
        {
            _place = $"tensor {Quote(entry.Name)}";
            if (entry.Begin != position)
                throw Bad($"its data to begin at byte {position}, where the tensors before it end", $"byte {entry.Begin}: the data {(entry.Begin < position ? "overlap" : "leave a hole")}");
            position = entry.End;
        }

        _place = "data";
        if (position != dataLength)
            throw Bad($"{position} bytes after the header", $"{dataLength}: {(dataLength < position ? "the file is cut short" : "the end belongs to no tensor")}");
    }

    private List<long> Integers(string key, int most)
    {
        Expect(JsonTokenType.StartArray, $"an array for {key}");
        var values = new List<long>(most);
        while (Next() != JsonTokenType.EndArray)
        {
            if (values.Count == most)
                throw Bad($"at most {most} numbers in {key}", "more", key == "shape" ? "Reshape the tensor before saving the file." : Damaged);
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out long value) || value < 0)
                throw Bad($"whole numbers from 0 to 2^63 - 1 in {key}", Token());
            values.Add(value);
        }

        return values;
    }

    private JsonTokenType Next()
    {
        _json.Read();   // at the end of the text it throws: an object is still open
        return _json.TokenType;
    }

    private readonly void Expect(JsonTokenType type, string what)
    {
        if (_json.TokenType != type) throw Bad(what, Token());
    }

    private readonly string Text()
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Bad("text", "an escaped half of a surrogate pair", inner: e);
        }
    }

    private readonly string Token() => Quote(Encoding.UTF8.GetString(_json.ValueSpan));

    private readonly SafetensorsFormatException Bad(string expected, string found, string remedy = Damaged, Exception? inner = null)
        => new($"{_file}: {_place}: expected {expected}, found {found}. {remedy}", inner);
}
