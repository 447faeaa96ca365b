namespace Gradwright;

/// <summary>
/// Reads and writes the safetensors format (https://huggingface.co/docs/safetensors): 8 little-endian bytes with the length of a JSON header, the header
/// <c>{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "__metadata__": {"key": "text"}}</c>, then the tensors' row-major
/// little-endian bytes without gaps. A file holds numbers and text, never code.
/// </summary>
public static class Safetensors
{
    /// <summary>
    /// Saves tensors of any layout and type. The file appears whole or not at all, and the same tensors in the same order always give the same bytes.
    /// </summary>
    /// <param name="path">The file to write or replace.</param>
    /// <param name="tensors">Tensors by name; <see cref="Load(string, Accelerator?)"/> keeps their order.</param>
    /// <param name="metadata">Free text.</param>
    /// <exception cref="ArgumentException">A name is <c>__metadata__</c> or cannot be written as UTF-8.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        AtomicFile.Write(path, file => Write(file, tensors, metadata));
    }

    /// <summary>Loads every tensor of a file, in the header's order; the innermost open <see cref="TensorScope"/> owns them.</summary>
    /// <exception cref="SafetensorsFormatException">The file breaks the format or holds a dtype that this library has not.</exception>
    public static OrderedDictionary<string, Tensor> Load(string path, Accelerator? accelerator = null)
    {
        using var file = SafetensorsFile.Open(path);
        return Load(file, file.Names, accelerator);
    }

    internal static OrderedDictionary<string, Tensor> Load(SafetensorsFile file, IEnumerable<string> names, Accelerator? accelerator = null)
    {
        var tensors = new OrderedDictionary<string, Tensor>();
        try
        {
            foreach (string name in names) tensors.Add(name, file.Read(name, accelerator));
            return tensors;
        }
        catch
        {
            foreach (Tensor tensor in tensors.Values) tensor.Dispose();
            throw;
        }
    }

    internal static void Write(Stream stream, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        SafetensorsHeader header = SafetensorsHeader.Place(tensors, metadata);
        stream.Write(header.ToBytes());
        foreach (SafetensorsEntry entry in header.ByPosition) TensorBytes.Write(stream, tensors[entry.Name]);
    }
}
