using System.Formats.Tar;
using System.IO.Compression;

namespace Gradwright.Data;

/// <summary>One of the two CIFAR sets as it is distributed: a packed archive with a folder of record files.</summary>
internal sealed record CifarArchive(string Set, string Name, string Sha256, string Folder, string[] Train, string[] Test)
{
    private Uri Address => new($"https://www.cs.toronto.edu/~kriz/{Name}");

    /// <summary>The training and test files in a folder, or in the folder of it that the archive makes.</summary>
    public (string[] Train, string[] Test) Find(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{Set}: there is no folder {Path.GetFullPath(folder)}. Check the path, or download the files with " +
                $"{DownloadCall}.");
        string inner = Path.Combine(folder, Folder), place = Directory.Exists(inner) ? inner : folder;
        string[] missing = [.. Train.Concat(Test).Where(name => !File.Exists(Path.Combine(place, name)))];
        if (missing.Length > 0)
            throw new FileNotFoundException($"{Set}: {Path.GetFullPath(place)} lacks {string.Join(", ", missing)}. Download the files with {DownloadCall}, " +
                "or copy those of the binary version there.");
        return ([.. Train.Select(name => Path.Combine(place, name))], [.. Test.Select(name => Path.Combine(place, name))]);
    }

    /// <summary>Downloads and unpacks what is missing. The archive stays, so that its checksum vouches for the files.</summary>
    public async Task DownloadAsync(string folder, HttpClient? client, Action<string>? report, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, Name);
        bool fetched = await VerifiedDownload.FetchAsync(path, Sha256, [Address], client, cancellation).ConfigureAwait(false);
        report?.Invoke($"{path}: {(fetched ? "downloaded" : "already there")}, SHA-256 checked");
        string inner = Path.Combine(folder, Folder);
        if (!fetched && Train.Concat(Test).All(name => File.Exists(Path.Combine(inner, name)))) return;
        int unpacked = await Task.Run(() => Unpack(path, inner, cancellation), cancellation).ConfigureAwait(false);
        report?.Invoke($"{inner}: {unpacked} files unpacked");
    }

    // Only the files that are expected, under their own names: an archive cannot write anywhere else.
    private int Unpack(string archive, string inner, CancellationToken cancellation)
    {
        int count = 0;
        using FileStream file = File.OpenRead(archive);
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            string name = Path.GetFileName(entry.Name);
            if (entry.DataStream is not { } content || !(Train.Contains(name) || Test.Contains(name))) continue;
            AtomicFile.Write(Path.Combine(inner, name), content.CopyTo);
            count++;
        }
        return count;
    }

    private string DownloadCall => $"{Set.Replace("CIFAR-", "Cifar", StringComparison.Ordinal)}.DownloadAsync(folder)";
}
