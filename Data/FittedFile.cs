using System.Text.Json;

namespace Gradwright.Data;

/// <summary>JSON files that keep what was learned from data: what they are and in which version, then the content.</summary>
internal static class FittedFile
{
    private const int Version = 1;

    public static void Write(string path, string format, Action<Utf8JsonWriter> write) => AtomicFile.Write(path, file =>
    {
        using Utf8JsonWriter json = new(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("format", format);
        json.WriteNumber("version", Version);
        write(json);
        json.WriteEndObject();
    });

    /// <exception cref="FittedFileException">The file is no JSON, is of another format or version, or <paramref name="read"/> finds something missing or wrong.</exception>
    public static T Read<T>(string path, string format, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement;
            if (Text(root, "format") != format || root.GetProperty("version").GetInt32() != Version)
                throw new FormatException($"it is {root.GetProperty("format")}, version {root.GetProperty("version")}");
            return read(root);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            throw new FittedFileException($"{path}: expected a {format} file of version {Version}, but {e.Message.TrimEnd('.')}. Save it again.", e);
        }
    }

    /// <summary>A list of numbers that <see cref="Floats"/> reads back to the same bits.</summary>
    public static void Numbers(Utf8JsonWriter json, string name, params ReadOnlySpan<float> numbers)
    {
        json.WriteStartArray(name);
        foreach (float number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    public static float[] Floats(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(number => number.GetSingle())];

    /// <summary>A finite number.</summary>
    public static double Number(JsonElement json, string name) => json.GetProperty(name).GetDouble() is var number && double.IsFinite(number) ? number
        : throw new FormatException($"{name} is {number}");

    /// <summary>The form of pictures, [channels, height, width], whose values can be counted.</summary>
    public static ImageShape Shape(JsonElement json, string name)
    {
        int[] sizes = [.. json.GetProperty(name).EnumerateArray().Select(size => size.GetInt32())];
        return sizes is [> 0 and var channels, > 0 and var height, > 0 and var width] && (Int128)channels * height * width <= Array.MaxLength ? new(channels, height, width)
            : throw new FormatException($"{name} is [{string.Join(", ", sizes)}], which is none of pictures");
    }

    public static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");

    public static T Enum<T>(JsonElement json, string name) where T : struct, Enum =>
        System.Enum.TryParse(Text(json, name), out T value) && System.Enum.IsDefined(value) ? value : throw new FormatException($"{name} is {Text(json, name)}");
}
