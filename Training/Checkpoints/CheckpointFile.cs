using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Gradwright.Training;

/// <summary>
/// A checkpoint in one file: a safetensors file, which other tools open too, whose metadata are the values and whose last tensor is the SHA-256 of every
/// byte before it. So a file cut short, or with a single bit changed, is told from a whole one.
/// </summary>
public static class CheckpointFile
{
    private const string ChecksumName = "checkpoint.sha256", VersionKey = "checkpoint.version", Version = "1";
    private const string Remedy = "Use an older checkpoint: CheckpointFolder.Latest() finds the newest whole one.";
    private const int BufferLength = 1 << 20;

    /// <summary>Saves a checkpoint. The file appears whole or not at all, also if the process is killed meanwhile.</summary>
    public static void Save(string path, Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (checkpoint.Tensors.ContainsKey(ChecksumName) || checkpoint.Values.ContainsKey(VersionKey))
            throw new ArgumentException($"CheckpointFile.Save: the tensor name '{ChecksumName}' and the value name '{VersionKey}' belong to the format. Use others.");
        using Tensor placeholder = Tensor.Zeros([SHA256.HashSizeInBytes], DType.UInt8, CpuAccelerator.Instance);
        var tensors = new OrderedDictionary<string, Tensor>(checkpoint.Tensors) { { ChecksumName, placeholder } };
        var values = new OrderedDictionary<string, string> { { VersionKey, Version } };
        foreach ((string name, string value) in checkpoint.Values) values.Add(name, value);
        AtomicFile.Write(path, file =>
        {
            // One-byte elements come last in a safetensors file, and this tensor is the last of them: its place is the end.
            Safetensors.Write(file, tensors, values);
            file.Position = file.Length - SHA256.HashSizeInBytes;
            file.Flush();
            file.Write(Checksum(file.SafeFileHandle, file.Position));
        });
    }

    /// <summary>Loads a checkpoint after checking all of it; the innermost open <see cref="TensorScope"/> owns the tensors.</summary>
    /// <exception cref="CheckpointFormatException">The file is cut short, damaged, or no checkpoint.</exception>
    public static Checkpoint Load(string path, Accelerator? accelerator = null)
    {
        using SafetensorsFile file = OpenVerified(path);
        var checkpoint = new Checkpoint();
        foreach ((string name, string value) in file.Metadata)
            if (name != VersionKey) checkpoint.Values.Add(name, value);
        try
        {
            foreach ((string name, Tensor tensor) in Safetensors.Load(file, file.Names.Where(name => name != ChecksumName), accelerator))
                checkpoint.Tensors.Add(name, tensor);
        }
        catch (SafetensorsFormatException e)
        {
            throw new CheckpointFormatException(e.Message, e);
        }

        return checkpoint;
    }

    /// <summary>Whether a file says that it is a checkpoint; it is not checked.</summary>
    /// <exception cref="SafetensorsFormatException">It is no safetensors file.</exception>
    internal static bool IsCheckpoint(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return file.Metadata.ContainsKey(VersionKey);
    }

    /// <summary>Checks all of a file without loading it.</summary>
    /// <exception cref="CheckpointFormatException">The file is cut short, damaged, or no checkpoint.</exception>
    public static void Verify(string path) => OpenVerified(path).Dispose();

    private static SafetensorsFile OpenVerified(string path)
    {
        // Everything is read through one handle: another file may be renamed over this one meanwhile.
        SafeFileHandle handle = File.OpenHandle(path);
        try
        {
            RequireChecksum(handle, path);
            SafetensorsFile file = SafetensorsFile.Open(handle, path);
            if (file.Metadata.GetValueOrDefault(VersionKey) == Version && file.Entries.ContainsKey(ChecksumName)) return file;
            throw new CheckpointFormatException($"{path}: expected a checkpoint of version {Version}, found {(file.Metadata.TryGetValue(VersionKey, out string? other) ? $"version '{other}'" : "none")}. "
                + "Load it with the version of this library that saved it.");
        }
        catch (Exception e)
        {
            handle.Dispose();
            if (e is SafetensorsFormatException) throw new CheckpointFormatException(e.Message, e);
            throw;
        }
    }

    private static void RequireChecksum(SafeFileHandle handle, string path)
    {
        Span<byte> stored = stackalloc byte[SHA256.HashSizeInBytes];
        long length = RandomAccess.GetLength(handle), body = length - stored.Length;
        if (body < 0)
            throw new CheckpointFormatException($"{path}: expected a checkpoint, which ends with a checksum of {stored.Length} bytes, found a file of {length} bytes. {Remedy}");
        byte[] checksum = Checksum(handle, body);
        if (RandomAccess.Read(handle, stored, body) != stored.Length || !stored.SequenceEqual(checksum))
            throw new CheckpointFormatException($"{path}: expected the last {stored.Length} bytes to be the SHA-256 of the {body} before them ({Convert.ToHexStringLower(checksum)}), "
                + $"found {Convert.ToHexStringLower(stored)}: the file is cut short, damaged, or no checkpoint. {Remedy}");
    }

    // Of the first bytes of a file; of fewer if it ends before.
    private static byte[] Checksum(SafeFileHandle file, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(length, BufferLength));
        for (long position = 0; position < length;)
        {
            int read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(length - position, buffer.Length)), position);
            if (read == 0) break;
            hash.AppendData(buffer, 0, read);
            position += read;
        }

        return hash.GetHashAndReset();
    }
}
