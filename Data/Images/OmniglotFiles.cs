using System.IO.Compression;

namespace Gradwright.Data;

/// <summary>The drawings of one part of Omniglot as they are distributed: PNG files in folders of characters in folders of alphabets, packed as zip or not.</summary>
internal static class OmniglotFiles
{
    private const int MostFiles = 200_000, MostBytes = 1 << 16;         // of files in an archive, and in a file; the official ones have 19,280 of some 300 bytes
    private const string Remedy = "Download the archive again with Omniglot.DownloadAsync(folder).";

    /// <summary>All drawings in the order of alphabets, characters and files by name. A zip is read where it lies; nothing is unpacked, whatever its names say.</summary>
    /// <exception cref="OmniglotFormatException">There are no drawings, or too many or too large ones, or the archive is damaged.</exception>
    public static List<OmniglotFile> Read(string path)
    {
        List<OmniglotFile> files = Directory.Exists(path) ? ReadFolder(path) : ReadArchive(path);
        if (files.Count == 0) throw new OmniglotFormatException($"{path}: expected drawings as ALPHABET/CHARACTER/NAME.png, found none. Is it one of Omniglot's images_background and images_evaluation?");
        files.Sort((a, b) => string.CompareOrdinal(a.Alphabet, b.Alphabet) is not 0 and var alphabets ? alphabets
            : string.CompareOrdinal(a.Character, b.Character) is not 0 and var characters ? characters : string.CompareOrdinal(a.Name, b.Name));
        return files;
    }

    private static List<OmniglotFile> ReadFolder(string folder)
    {
        List<OmniglotFile> files = [];
        foreach (string path in Directory.EnumerateFiles(folder, "*.png", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }))
            if (Placed(Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'), path) is { } file)
            {
                using FileStream stream = File.OpenRead(path);
                files.Add(file with { Content = ReadAll(stream, path) });
            }

        return files;
    }

    private static List<OmniglotFile> ReadArchive(string path)
    {
        List<OmniglotFile> files = [];
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            if (archive.Entries.Count > MostFiles) throw new OmniglotFormatException($"{path}: expected at most {MostFiles} entries, found {archive.Entries.Count}. {Remedy}");
            foreach (ZipArchiveEntry entry in archive.Entries)
                if (Placed(entry.FullName, $"{path}: {entry.FullName}") is { } file)
                {
                    using Stream stream = entry.Open();
                    files.Add(file with { Content = ReadAll(stream, file.Place) });
                }
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or EndOfStreamException)
        {
            throw new OmniglotFormatException($"{path}: expected an intact zip archive, found a damaged one or none ({e.Message.TrimEnd('.')}). {Remedy}", e);
        }

        return files;
    }

    // By the last three parts of its name; null: it is no drawing. Names that computers add begin with a dot, or are in a folder __MACOSX.
    private static OmniglotFile? Placed(string name, string place)
    {
        string[] parts = name.Split('/');
        if (!name.EndsWith(".png", StringComparison.OrdinalIgnoreCase) || parts.Length < 3 || parts[0] == "__MACOSX" || parts[^1].StartsWith('.')) return null;
        return parts.Any(part => part is "" or "." or "..") ? throw new OmniglotFormatException($"{place}: expected a name without '.', '..' and empty parts. {Remedy}")
            : new(parts[^3], parts[^2], parts[^1], place, []);
    }

    // However much the archive says it holds, or unpacks to.
    private static byte[] ReadAll(Stream stream, string place)
    {
        byte[] buffer = new byte[MostBytes + 1];
        int length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length <= MostBytes ? buffer[..length] : throw new OmniglotFormatException($"{place}: expected a drawing of at most {MostBytes} bytes, found more. {Remedy}");
    }
}

/// <summary>A drawing, and where it was found, for errors.</summary>
internal sealed record OmniglotFile(string Alphabet, string Character, string Name, string Place, byte[] Content);
