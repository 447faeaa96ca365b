using System.IO.Compression;

namespace Gradwright;

/// <summary>
/// PTX that was made ahead of time and lies beside the program or in this assembly (built with <c>-p:PtxArchive=FILE</c>), for machines that have a driver and
/// nothing else. An entry is named by the digest of the source and by the architecture, so that code of another version of the source is never found.
/// </summary>
internal sealed class PtxArchive : CudaCompiler
{
    public const string FileName = "gradwright-ptx.zip";

    /// <summary>What portable kernels are compiled for. Later devices run the code of earlier ones.</summary>
    public static IReadOnlyList<int> Capabilities { get; } = [80, 90];

    /// <summary>Names an archive that lies elsewhere.</summary>
    public const string PathVariable = "GRADWRIGHT_PTX_ARCHIVE";

    private static readonly string? _named = Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named ? named : null;
    private static readonly string _path = _named ?? Path.Combine(AppContext.BaseDirectory, FileName);
    private static readonly Lock _lock = new();
    private static readonly Lazy<(ZipArchive? Archive, string? Missing)> _opened = new(Open);

    public override string Name => "archive";

    public override string? Missing => _opened.Value.Missing;

    // The driver keeps what it makes of PTX.
    public override string? Identity(CudaTarget target) => null;

    public override CudaCode Compile(string source, CudaTarget target)
    {
        lock (_lock)
        {
            foreach (CudaTarget made in Targets(target))
                if (_opened.Value.Archive!.GetEntry(EntryName(source, made)) is { } entry) return Read(entry);
        }

        return new(null, $"{(File.Exists(_path) ? _path : "The archive in the program")} does not hold this kernel for {target}: it was made from another version of the program, or for other architectures.");
    }

    /// <summary>Writes an archive; stored entries, which are much alike, are for an archive that is packed again as a whole.</summary>
    public static void Write(string path, IEnumerable<(string Source, CudaTarget Target, byte[] Code)> kernels, bool stored = false)
        => AtomicFile.Write(path, file =>
        {
            using ZipArchive archive = new(file, ZipArchiveMode.Create, leaveOpen: true);
            foreach ((string name, byte[] code) in kernels.Select(kernel => (Name: EntryName(kernel.Source, kernel.Target), kernel.Code)).DistinctBy(entry => entry.Name).OrderBy(entry => entry.Name, StringComparer.Ordinal))
            {
                ZipArchiveEntry entry = archive.CreateEntry(name, stored ? CompressionLevel.NoCompression : CompressionLevel.SmallestSize);
                entry.LastWriteTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);          // the same kernels give the same file
                using Stream stream = entry.Open();
                stream.Write(code);
            }
        });

    /// <summary>The archive that was named, or the one beside the program, or the one in this assembly.</summary>
    private static (ZipArchive? Archive, string? Missing) Open()
    {
        try
        {
            if (File.Exists(_path)) return (ZipFile.OpenRead(_path), null);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return (null, $"a readable archive of kernels that were compiled ahead of time: {_path} cannot be read ({e.Message}). Make it anew with build/ptx.sh.");
        }

        return _named is null && typeof(PtxArchive).Assembly.GetManifestResourceStream(FileName) is { } resource
            ? (new ZipArchive(resource), null)
            : (null, $"an archive of kernels that were compiled ahead of time: put {FileName} (build/ptx.sh makes it) into {AppContext.BaseDirectory}, or name it in {PathVariable}.");
    }

    /// <summary>The architectures whose code runs on the target, the nearest first.</summary>
    private static IEnumerable<CudaTarget> Targets(CudaTarget target)
        => target.IsSpecific ? [target] : Capabilities.Reverse().Where(capability => capability <= target.Capability).Select(capability => new CudaTarget(capability));

    private static string EntryName(string source, CudaTarget target) => $"{KernelCache.KeyOf(source)}.{target}.ptx";

    // What the archive says of an entry's length is not believed.
    private static CudaCode Read(ZipArchiveEntry entry)
    {
        try
        {
            using Stream stream = entry.Open();
            using MemoryStream code = new();
            stream.CopyTo(code);
            return new(code.ToArray(), "");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return new(null, $"The archive of kernels is damaged at {entry.FullName}: {e.Message} Make it anew with build/ptx.sh.");
        }
    }
}
