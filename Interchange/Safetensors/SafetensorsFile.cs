using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Gradwright;

/// <summary>
/// An open safetensors file: opening it reads and checks the header only, <see cref="Read"/> reads one tensor. Several threads may read at once.
/// </summary>
/// <example><code>
/// using var file = SafetensorsFile.Open("model.safetensors");
/// foreach (SafetensorsEntry entry in file.Entries.Values) Console.WriteLine($"{entry.Name} {entry.Shape} {entry.DType}");
/// Tensor weight = file.Read("layer1.0.conv1.weight");
/// </code></example>
public sealed class SafetensorsFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;

    private SafetensorsFile(SafeFileHandle handle, string path)
    {
        (_handle, Path) = (handle, path);
        (_header, _dataStart) = ReadHeader();
    }

    /// <summary>The file's name, as it was given.</summary>
    public string Path { get; }

    /// <summary>Type, shape and place of each tensor by name, in the header's order.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The names of the tensors, in the header's order.</summary>
    public IReadOnlyList<string> Names => _header.Entries.Keys;

    /// <summary>The free text that was saved with the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="SafetensorsFormatException">The file breaks the format or holds a dtype that this library has not.</exception>
    public static SafetensorsFile Open(string path) => Open(File.OpenHandle(path), path);

    /// <summary>Takes over an open file.</summary>
    internal static SafetensorsFile Open(SafeFileHandle handle, string path)
    {
        try
        {
            return new(handle, path);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads one tensor: row-major, owned by the innermost open <see cref="TensorScope"/> as any new tensor.</summary>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    /// <exception cref="SafetensorsFormatException">A BOOL is neither 0 nor 1, or the file has become shorter since it was opened.</exception>
    public Tensor Read(string name, Accelerator? accelerator = null)
    {
        if (!_header.Entries.TryGetValue(name, out SafetensorsEntry? entry))
            throw new KeyNotFoundException($"{Path}: there is no tensor '{name}' among its {Names.Count}{(Names.Count == 0 ? "" : ": ")}{string.Join(", ", Names.Take(10).Select(SafetensorsHeaderReader.Quote))}{(Names.Count > 10 ? ", …" : "")}. See Names.");
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        Tensor tensor = Tensor.Empty(entry.Shape, entry.DType, accelerator);
        try
        {
            long read = TensorBytes.Read(_handle, _dataStart + entry.Begin, tensor, entry.DType == DType.Bool ? CheckBooleans : null);
            if (read < entry.End - entry.Begin)
                throw Bad(entry, $"{entry.End - entry.Begin} bytes", $"{read}: the file has become shorter since it was opened. Open it again when it is whole.");
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }

        void CheckBooleans(ReadOnlySpan<byte> bytes, long position)
        {
            int bad = bytes.IndexOfAnyExceptInRange((byte)0, (byte)1);
            if (bad >= 0) throw Bad(entry, "BOOL bytes of 0 or 1", $"{bytes[bad]} in element {position + bad}. The data are damaged, or not of this type: get the file again.");
        }
    }

    /// <summary>Closes the file; the tensors that were read stay.</summary>
    public void Dispose() => _handle.Dispose();

    private (SafetensorsHeader Header, long DataStart) ReadHeader()
    {
        const string Remedy = "This is no safetensors file, or it is damaged: check the name, or get it again.";
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        long fileLength = RandomAccess.GetLength(_handle);
        if (fileLength < prefix.Length || Fill(prefix, 0) < prefix.Length)
            throw new SafetensorsFormatException($"{Path}: expected at least the 8 bytes of the header's length, found a file of {fileLength} bytes. {Remedy}");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        long rest = fileLength - prefix.Length;
        if (length > SafetensorsHeader.MaxLength)
            throw new SafetensorsFormatException($"{Path}: expected a header of at most {SafetensorsHeader.MaxLength:N0} bytes, found one of {length:N0}. {Remedy}");
        if (length > (ulong)rest)
            throw new SafetensorsFormatException($"{Path}: expected a header of {length} bytes, found only {rest} bytes after its length: the file is cut short, or no safetensors file. Get it again.");
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)length);
        Span<byte> json = buffer.AsSpan(0, (int)length);
        try
        {
            // What is missing of a file that shrinks meanwhile must not be made up from an older buffer.
            return (SafetensorsHeaderReader.Read(json[..Fill(json, prefix.Length)], rest - json.Length, Path), prefix.Length + json.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private int Fill(Span<byte> destination, long position)
    {
        int filled = 0;
        while (filled < destination.Length && RandomAccess.Read(_handle, destination[filled..], position + filled) is > 0 and int read) filled += read;
        return filled;
    }

    private SafetensorsFormatException Bad(SafetensorsEntry entry, string expected, string found)
        => new($"{Path}: tensor {SafetensorsHeaderReader.Quote(entry.Name)}: expected {expected}, found {found}");
}
