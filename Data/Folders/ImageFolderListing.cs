namespace Gradwright.Data;

/// <summary>
/// The class folders of a folder and the pictures in them, in the order of their names. A class folder that cannot be read is a class without pictures, so that the others keep their
/// numbers.
/// </summary>
internal sealed record ImageFolderListing(
    string Folder, IReadOnlyList<string> Classes, IReadOnlyList<(string Path, int Label)> Files, IReadOnlyList<(string Path, string Reason)> Unreadable, IReadOnlyList<string> Ignored)
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg"];

    public static ImageFolderListing Read(string folder)
    {
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"ImageFolder: there is no folder {folder}, or it must not be looked for. Give the folder that holds one folder of pictures per class.");
        var (classes, files, unreadable, ignored) = (new List<string>(), new List<(string, int)>(), new List<(string, string)>(), new List<string>());
        foreach (FileSystemInfo entry in Entries(folder))
        {
            if (entry is not DirectoryInfo && !LeadsNowhere(entry))
            {
                ignored.Add(entry.Name);
                continue;
            }
            try
            {
                foreach (FileSystemInfo file in Entries(entry.FullName))
                    if (file is FileInfo && Extensions.Contains(file.Extension.ToLowerInvariant())) files.Add((file.FullName, classes.Count));
                    else ignored.Add(Path.Combine(entry.Name, file.Name));
            }
            catch (IOException e)
            {
                unreadable.Add((entry.FullName, e.Message));
            }
            classes.Add(entry.Name);
        }
        if (classes.Count == 0)
            throw new FormatException($"{folder}: expected a folder of pictures for each class, found no folders. Put the pictures of each class " +
                "into a folder of its own.");
        return new(folder, classes, files, unreadable, ignored);
    }

    // What a link to nowhere, or to itself, stood for is not known; more likely a class on a disk that is not there than a file.
    private static bool LeadsNowhere(FileSystemInfo entry)
    {
        try
        {
            return entry.ResolveLinkTarget(returnFinalTarget: true) is { Exists: false };       // null: it is no link
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    // What begins with a dot belongs to the system or to a program.
    private static FileSystemInfo[] Entries(string folder)
    {
        try
        {
            FileSystemInfo[] entries = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(e => !e.Name.StartsWith('.'))];
            Array.Sort(entries, (a, b) => string.CompareOrdinal(a.Name, b.Name));
            return entries;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"ImageFolder: the folder {folder} cannot be read: {e.Message} Check its permissions, and that links to it lead somewhere.", e);
        }
    }
}
