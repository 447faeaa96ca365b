using System.Security.Cryptography;
using System.Text;

namespace Gradwright;

/// <summary>
/// Compiled kernels on disk, keyed by a digest of everything that they were made from: source, options, compiler, device. A file holds a digest of its
/// contents, so a damaged one counts as absent; it appears whole, so several processes may share a folder. A folder that cannot be written costs time only.
/// </summary>
internal sealed class KernelCache(string? folder)
{
    /// <summary>Names the folder; <c>off</c> uses none.</summary>
    public const string EnvironmentVariable = "GRADWRIGHT_KERNEL_CACHE";

    private static ReadOnlySpan<byte> Magic => "GWKERNEL"u8;

    private static readonly Lazy<KernelCache> _default = new(() => new(DefaultFolder()));

    private bool _readOnly = folder is null;

    public static KernelCache Default => _default.Value;

    /// <summary>Where the files lie; null for a cache that keeps nothing.</summary>
    public string? Folder => folder;

    public static string KeyOf(params ReadOnlySpan<string> parts)
    {
        StringBuilder text = new();
        foreach (string part in parts) text.Append(part.Length).Append(':').Append(part);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <returns>False if the file is not there, cannot be read, or is not what was written.</returns>
    public bool TryRead(string key, out byte[] code)
    {
        code = [];
        if (folder is null) return false;
        try
        {
            byte[] file = File.ReadAllBytes(PathOf(key));
            int start = Magic.Length + SHA256.HashSizeInBytes;
            if (file.Length < start || !file.AsSpan(0, Magic.Length).SequenceEqual(Magic)) return false;
            ReadOnlySpan<byte> digest = file.AsSpan(Magic.Length, SHA256.HashSizeInBytes);
            if (!SHA256.HashData(file.AsSpan(start)).AsSpan().SequenceEqual(digest)) return false;
            code = file[start..];
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Write(string key, byte[] code)
    {
        if (_readOnly) return;
        try
        {
            AtomicFile.Write(PathOf(key), file =>
            {
                file.Write(Magic);
                file.Write(SHA256.HashData(code));
                file.Write(code);
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _readOnly = true;
        }
    }

    private string PathOf(string key) => Path.Combine(folder!, key[..2], key + ".kernel");

    private static string? DefaultFolder()
    {
        string? named = Environment.GetEnvironmentVariable(EnvironmentVariable);
        if (named is { Length: > 0 }) return string.Equals(named, "off", StringComparison.OrdinalIgnoreCase) ? null : named;
        string root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return root.Length == 0 ? null : Path.Combine(root, "gradwright", "kernels");
    }
}
